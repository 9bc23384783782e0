import { spawn } from 'node:child_process';

export interface Ended {
  /** Null where the program was ended by a signal. */
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly limitMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs a program to its end, and ends it with all its children when its time is up. */
export function runProgram(command: string, words: readonly string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const program = spawn(command, words, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const chunks: Buffer[] = [];
    const errors = new Set<Buffer>();
    const limit = setTimeout(() => {
      chunks.push(Buffer.from(`\n[ended after ${options.limitMs} ms]\n`));
      process.kill(-program.pid!, 'SIGKILL');
    }, options.limitMs);
    program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    program.stderr.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      errors.add(chunk);
    });
    program.stdin.on('error', () => {});
    program.stdin.end(options.input ?? '');
    program.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
    program.once('close', (code) => {
      clearTimeout(limit);
      resolve({
        code,
        output: textOf(chunks),
        stdout: textOf(chunks.filter((chunk) => !errors.has(chunk))),
        stderr: textOf([...errors]),
      });
    });
  });
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
