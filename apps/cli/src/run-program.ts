import { constants } from 'node:os';
import type { Call } from './command.ts';
import { CommandError, ExitCode } from './exit-code.ts';

/** A program that was asked to end, and does not, is ended after so long. */
const GRACE_MS = 5000;

export interface ProgramOptions {
  /** The program may not go on when it aborts. */
  readonly lost?: AbortSignal;
  /** Between asking it to end and ending it, where `lost` aborts. */
  readonly lostGraceMs?: number;
  /** Beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads, in the place of our standard input. */
  readonly input?: Uint8Array;
}

/**
 * Runs a program with our standard streams, to its end. Ctrl-C is told to it, and it is waited for; at the limit of time, and
 * when `lost` aborts, it is asked to end (SIGTERM), and then ended. It has a group of its own, all of which is ended, but at a
 * terminal: there it has to be in ours to read what is typed, and has heard of Ctrl-C by itself.
 *
 * @returns its exit code, as a shell tells it: of a program that a signal ended 128 and the number
 * @throws CommandError where it cannot be run; the reason of `call.signal`, but of Ctrl-C, when it has ended for that
 */
export async function runProgram(
  call: Call,
  words: readonly string[],
  options: ProgramOptions,
): Promise<number> {
  const run = (): Promise<number> => start(call, words, options);
  return options.input === undefined && call.shell !== undefined ? call.shell.lendTerminal(run) : run();
}

async function start(
  { out, signal, shell, settings }: Call,
  words: readonly string[],
  { lost, lostGraceMs = GRACE_MS, environment, input }: ProgramOptions,
): Promise<number> {
  await out.drained();
  signal.throwIfAborted();
  const { spawn } = await import('node:child_process');
  const hasTerminal =
    input === undefined && (shell === undefined ? process.stdin.isTTY : settings.isInteractive);
  // A script of the shell is not for it.
  const stdin = input !== undefined ? 'pipe' : shell === undefined || hasTerminal ? 'inherit' : 'ignore';
  const child = spawn(words[0]!, words.slice(1), {
    stdio: [stdin, 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
    detached: !hasTerminal,
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (error) => {
    reject(new CommandError(ExitCode.usage, `${words[0]} cannot be run: ${error.message}`));
  });
  child.once('close', (code, killedBy) => resolve(code ?? 128 + constants.signals[killedBy!]));
  // It need not read all of it.
  child.stdin?.on('error', () => {}).end(input);

  let grace: NodeJS.Timeout | undefined;
  const kill = (how: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(hasTerminal ? child.pid : -child.pid, how);
    } catch {
      // It has ended.
    }
  };
  const end = (graceMs: number): void => {
    kill('SIGTERM');
    grace ??= setTimeout(kill, graceMs, 'SIGKILL');
  };
  const onSignal = (): void => {
    if (!isInterruption(signal.reason)) end(GRACE_MS);
    else if (!hasTerminal) kill('SIGINT');
  };
  const onLost = (): void => end(lostGraceMs);
  const onExit = (): void => kill('SIGKILL');
  signal.addEventListener('abort', onSignal);
  lost?.addEventListener('abort', onLost);
  process.once('exit', onExit);
  try {
    if (lost?.aborted === true) onLost();
    const code = await promise;
    // What it has left behind may not go on either: a shell's `&` does not hear of Ctrl-C.
    if ((lost?.aborted === true || signal.aborted) && !hasTerminal) kill('SIGKILL');
    if (signal.aborted && !isInterruption(signal.reason)) throw signal.reason;
    return code;
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', onSignal);
    lost?.removeEventListener('abort', onLost);
    process.off('exit', onExit);
  }
}

function isInterruption(reason: unknown): boolean {
  return reason instanceof CommandError && reason.exitCode === ExitCode.interrupted;
}
