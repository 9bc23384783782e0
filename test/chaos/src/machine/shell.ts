import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program to its end. @throws Error with what it complained of */
export async function run(...words: readonly string[]): Promise<void> {
  const [command, ...rest] = words;
  try {
    await promisify(execFile)(command!, rest, { timeout: LIMIT_MS });
  } catch (error) {
    const { message, stderr = '' } = error as Error & { readonly stderr?: string };
    throw new Error(`${words.join(' ')}: ${(stderr.trim() || message).slice(0, SAID_MAX)}`, { cause: error });
  }
}

/** As `run`, where it may fail. */
export function attempt(...words: readonly string[]): Promise<boolean> {
  return run(...words).then(
    () => true,
    () => false,
  );
}

/** As `run`, before clients ask and after they have done so: they stand still with all of this process. */
export function runSync(...words: readonly string[]): string {
  const [command, ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(command!, rest, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${words.join(' ')}: ${error?.message ?? stderr.trim().slice(0, SAID_MAX)}`);
  return stdout;
}

export function attemptSync(...words: readonly string[]): boolean {
  try {
    runSync(...words);
    return true;
  } catch {
    return false;
  }
}

const LIMIT_MS = 30_000;
const SAID_MAX = 500;
