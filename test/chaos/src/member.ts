import { type Exit, fourLetterWord, type ServerProgram } from '@corral-test/oracle';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './machine/disk.ts';
import type { Leftovers } from './machine/leftovers.ts';
import type { Shim } from './machine/shim.ts';

export interface MemberOptions {
  readonly sid: number;
  readonly program: ServerProgram;
  readonly folder: string;
  readonly disk: Disk;
  readonly host: string;
  readonly port: number;
  /** Of `zoo.cfg`, but for what only this member has. */
  readonly configText: string;
  /** Words that the program's own come behind. */
  readonly within: readonly string[];
  readonly shim: Shim | undefined;
  readonly leftovers: Leftovers;
}

/** One server of the ensemble, as a process that comes and goes. */
export class Member {
  readonly sid: number;
  readonly host: string;
  readonly port: number;
  readonly disk: Disk;
  readonly shim: Shim | undefined;
  readonly #o: MemberOptions;
  #process: ChildProcess | undefined;
  #exited: Promise<Exit | undefined> = Promise.resolve(undefined);
  #isToEnd = false;
  /** How the last process ended that nobody had told to. */
  endedByItself: Exit | undefined;

  constructor(options: MemberOptions) {
    this.#o = options;
    this.sid = options.sid;
    this.host = options.host;
    this.port = options.port;
    this.disk = options.disk;
    this.shim = options.shim;
    mkdirSync(options.folder, { recursive: true });
    this.#layOut();
    writeFileSync(
      this.#configPath,
      `${options.configText}dataDir=${this.dataDir}\nclientPort=${this.port}\nclientPortAddress=${this.host}\n`,
    );
  }

  get name(): string {
    return `server ${this.sid}`;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** How its last process ended by itself. */
  get exitText(): string {
    const { code = null, signal = null } = this.endedByItself ?? {};
    return String(code ?? signal ?? 'as it was told');
  }

  get dataDir(): string {
    return join(this.disk.path, 'data');
  }

  get logPath(): string {
    return join(this.#o.folder, 'log');
  }

  get #configPath(): string {
    return join(this.#o.folder, 'zoo.cfg');
  }

  launch(): void {
    if (this.isRunning) throw new Error(`${this.name} is running`);
    const { program, within, folder, shim, leftovers } = this.#o;
    const log = openSync(this.logPath, 'a');
    const [command, ...words] = [...within, ...tied, ...program.command(this.#configPath, {})];
    // A session of its own: the interrupt key is for the one who runs this.
    const server = spawn(command!, words, {
      cwd: folder,
      stdio: ['ignore', log, log],
      detached: true,
      env: { ...process.env, ...shim?.environment },
    });
    closeSync(log);
    if (server.pid !== undefined) leftovers.noteProcess(server.pid);
    this.#process = server;
    this.#isToEnd = false;
    this.endedByItself = undefined;
    this.#exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        this.#process = undefined;
        if (!this.#isToEnd) this.endedByItself = exit;
        resolve(exit);
      };
      server.once('exit', (code, signal) => end({ code, signal }));
      server.once('error', () => end({ code: null, signal: null }));
    });
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#exited;
  }

  /** SIGTERM, and SIGKILL where that is not heeded; says whether it was. */
  async stop(): Promise<boolean> {
    this.#signal('SIGTERM');
    if (await this.ended(STOP_LIMIT_MS)) return true;
    await this.kill();
    return false;
  }

  /** Waits for its end, however that comes; says whether it came within the limit. */
  async ended(limitMs: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#exited, limit]);
    clearTimeout(timer);
    return !this.isRunning;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Waits until it has a part in the ensemble; says whether that came to be before its end, and within the limit. */
  async serving(limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (this.isRunning && performance.now() < deadline) {
      if ((await this.mode()) !== 'none') return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }

  async mode(): Promise<'leader' | 'follower' | 'none'> {
    const mode = /^Mode: (\w+)$/m.exec(await this.ask('srvr'))?.[1];
    return mode === 'leader' || mode === 'follower' ? mode : 'none';
  }

  async zxid(): Promise<number | undefined> {
    const zxid = /^Zxid: (0x[0-9a-f]+)$/m.exec(await this.ask('srvr'))?.[1];
    return zxid === undefined ? undefined : Number(zxid);
  }

  async ask(word: string): Promise<string> {
    return this.isRunning ? fourLetterWord(this.port, word, ASK_LIMIT_MS, this.host) : '';
  }

  /** What it has said, from a place of its log on. */
  log(from = 0): string {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8').slice(from) : '';
  }

  /** What an operator does whose server refuses its disk: all data goes, and comes again from the others. */
  wipe(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
    this.#layOut();
  }

  #layOut(): void {
    mkdirSync(this.dataDir, { recursive: true });
    writeFileSync(join(this.dataDir, 'myid'), `${this.sid}\n`);
    // What an operator has laid out is long since on the disk when the power goes.
    for (const path of [join(this.dataDir, 'myid'), this.dataDir, this.disk.path]) syncPath(path);
  }

  #signal(signal: NodeJS.Signals): void {
    this.#isToEnd = true;
    this.#process?.kill(signal);
  }
}

function syncPath(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

/** A server ends with the one who started it, where the system can do that. */
const tied: readonly string[] = existsSync('/usr/bin/setpriv')
  ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--']
  : [];
const ASK_LIMIT_MS = 1000;
const POLL_MS = 100;
const STOP_LIMIT_MS = 15_000;
