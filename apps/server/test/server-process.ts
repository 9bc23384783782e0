import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** Blocks (512 or 1024 bytes, as the shell counts) a file may grow to: beyond it writing fails. */
  readonly fileBlocksMax?: number;
}

/** `corral-server` as a process of its own. It is killed, if it still runs, when the test is over (`await using`). */
export class ServerProcess implements AsyncDisposable {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #lines: string[] = [];
  #waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = [];

  constructor(args: readonly string[], options: ProcessOptions) {
    const env = { PATH: process.env['PATH'], ...options.env };
    const limit = `ulimit -f ${options.fileBlocksMax ?? 'unlimited'}; exec "$@"`;
    this.#child = spawn('sh', ['-c', limit, 'sh', process.execPath, SCRIPT, ...args], {
      cwd: options.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collected = { stdout: '', stderr: '' };
    const { stdout, stderr } = this.#child;
    stdout!.setEncoding('utf8').on('data', (text: string) => void (collected.stdout += text));
    stderr!.setEncoding('utf8').on('data', (text: string) => void (collected.stderr += text));
    for (const stream of [stdout!, stderr!]) createInterface(stream).on('line', (line) => this.#take(line));
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      for (const { pattern, reject } of this.#waiting)
        reject(new Error(`it ended (${code ?? signal}) and never said ${pattern}:\n${collected.stderr}`));
      return { code, signal, ...collected };
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The first line, of those to come and those that came, that matches. */
  says(pattern: RegExp): Promise<string> {
    const said = this.#lines.find((line) => pattern.test(line));
    if (said !== undefined) return Promise.resolve(said);
    return new Promise((resolve, reject) => this.#waiting.push({ pattern, resolve, reject }));
  }

  /** Resolves when it accepts connections. */
  async serves(): Promise<this> {
    await this.says(/"msg":"serving"/);
    return this;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  kill(signal: NodeJS.Signals): Promise<Ending> {
    this.signal(signal);
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      if (!pattern.test(line)) return true;
      resolve(line);
      return false;
    });
  }
}

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const SCRIPT = fileURLToPath(new URL('../bin/corral-server.js', import.meta.url));
