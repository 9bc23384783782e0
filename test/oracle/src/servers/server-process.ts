import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fourLetterWord } from '../wire/four-letter-word.ts';
import { freePorts } from './free-port.ts';
import type { Properties, ServerProgram } from './program.ts';

export interface ServerOptions {
  /** Lines of `zoo.cfg` beside the ones every server here gets. */
  readonly config?: Readonly<Record<string, string | number>>;
  readonly properties?: Properties;
  /** The data directory, kept when the server is disposed of. Without it: a new one, removed with the server. */
  readonly dataDir?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const startLimitMs = 60_000;
/** Apache forgets a word that comes while it starts. */
const probeLimitMs = 300;
const stopLimitMs = 20_000;

/** No server outlives the program that started it, whatever becomes of the test that should have ended it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

/** One running server on a free port of loopback, with a folder of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly program: ServerProgram;
  readonly port: number;
  readonly dataDir: string;
  /** Settles when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly #options: ServerOptions;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #exit: Exit | undefined;
  /** Whose directory it goes on with; its folder lives as long as this server. */
  #predecessor: ServerProcess | undefined;

  /** Resolves once the server serves; rejects with the end of its log when it does not come that far. */
  static async start(program: ServerProgram, options: ServerOptions = {}): Promise<ServerProcess> {
    const server = await ServerProcess.launch(program, options);
    try {
      await server.serving();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts the process and does not wait until it serves: for servers that are expected to refuse. */
  static async launch(program: ServerProgram, options: ServerOptions = {}): Promise<ServerProcess> {
    const [port] = await freePorts(1);
    return new ServerProcess(program, options, port!);
  }

  private constructor(program: ServerProgram, options: ServerOptions, port: number) {
    this.program = program;
    this.#options = options;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), `corral-${program.name}-`));
    this.dataDir = options.dataDir ?? join(this.#folder, 'data');
    mkdirSync(this.dataDir, { recursive: true });
    const configPath = join(this.#folder, 'zoo.cfg');
    writeFileSync(configPath, configText(this.dataDir, port, options.config ?? {}));
    const log = openSync(this.logPath, 'a');
    const [command, ...words] = program.command(configPath, options.properties ?? {});
    this.#process = spawn(command!, words, { cwd: this.#folder, stdio: ['ignore', log, log] });
    closeSync(log);
    running.add(this.#process);
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.#exit = exit;
        running.delete(this.#process);
        resolve(exit);
      };
      this.#process.once('exit', (code, signal) => end({ code, signal }));
      this.#process.once('error', () => end({ code: null, signal: null }));
    });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  get logPath(): string {
    return join(this.#folder, 'log');
  }

  get isAlive(): boolean {
    return this.#exit === undefined;
  }

  log(): string {
    return readFileSync(this.logPath, 'utf8');
  }

  async serving(): Promise<void> {
    const deadline = performance.now() + startLimitMs;
    while (this.isAlive && performance.now() < deadline) {
      const answer = await fourLetterWord(this.port, 'srvr', probeLimitMs);
      if (answer.includes('Mode:')) return;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    const state = this.isAlive ? 'does not serve' : `ended with ${JSON.stringify(this.#exit)}`;
    throw new Error(`${this.program.name} ${state}:\n${this.log().slice(-3000)}`);
  }

  /** SIGTERM, and SIGKILL where that is not heeded in time. */
  async stop(): Promise<Exit> {
    this.#process.kill('SIGTERM');
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), stopLimitMs);
    const exit = await this.exited;
    clearTimeout(limit);
    return exit;
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  async kill(): Promise<Exit> {
    this.#process.kill('SIGKILL');
    return this.exited;
  }

  /** Ends this server, and resolves with a new one on the same directory. */
  async restarted(how: 'stop' | 'kill'): Promise<ServerProcess> {
    await this[how]();
    const successor = await ServerProcess.launch(this.program, { ...this.#options, dataDir: this.dataDir });
    successor.#predecessor = this;
    await successor.serving();
    return successor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive) await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    await this.#predecessor?.[Symbol.asyncDispose]();
  }
}

function configText(dataDir: string, port: number, more: Readonly<Record<string, string | number>>): string {
  const config = {
    tickTime: 2000,
    dataDir,
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    ...more,
  };
  return Object.entries(config)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
