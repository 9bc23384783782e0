import { spawnSync } from 'node:child_process';

/** Runs a program to its end, and gives what it printed. @throws Error with what it complained of */
export function run(...words: readonly string[]): string {
  const [command, ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(command!, rest, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${words.join(' ')}: ${error?.message ?? stderr.trim().slice(0, 500)}`);
  return stdout;
}

/** As `run`, where it may fail. */
export function attempt(...words: readonly string[]): boolean {
  try {
    run(...words);
    return true;
  } catch {
    return false;
  }
}

const LIMIT_MS = 30_000;
