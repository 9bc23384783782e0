import { type Exit, fourLetterWord, type Properties, type ServerProgram } from '@corral-test/oracle';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { until } from './eventually.ts';

export type Mode = 'leader' | 'follower' | 'observer' | 'none';

export interface Place {
  readonly sid: number;
  readonly isObserver: boolean;
  readonly quorumHost: string;
  readonly clientPort: number;
  readonly quorumPort: number;
  readonly electionPort: number;
}

export interface MemberOptions {
  readonly config: Readonly<Record<string, string | number>>;
  readonly properties: Properties;
}

/** No server outlives the program that started it, whatever becomes of the test that should have ended it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

/** One place of an ensemble, with a folder and ports of its own: whatever program runs there, or none. */
export class Member {
  readonly place: Place;
  readonly folder: string;
  readonly #all: readonly Place[];
  readonly #options: MemberOptions;
  #program: ServerProgram;
  #process: ChildProcess | undefined;
  #exited: Promise<Exit | undefined> = Promise.resolve(undefined);
  /** Of its log, what was there when `mark` was called. */
  #marked = 0;
  #ends = 0;

  constructor(
    program: ServerProgram,
    place: Place,
    all: readonly Place[],
    folder: string,
    options: MemberOptions,
  ) {
    this.#program = program;
    this.place = place;
    this.#all = all;
    this.folder = folder;
    this.#options = options;
    mkdirSync(this.dataDir, { recursive: true });
    writeFileSync(join(this.dataDir, 'myid'), `${place.sid}\n`);
  }

  get sid(): number {
    return this.place.sid;
  }

  get port(): number {
    return this.place.clientPort;
  }

  get program(): ServerProgram {
    return this.#program;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** How often its process has ended. */
  get ends(): number {
    return this.#ends;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get logPath(): string {
    return join(this.folder, 'log');
  }

  /** Starts the process, and does not wait for it. Another program goes on with what the one before has left. */
  launch(program: ServerProgram = this.#program): void {
    if (this.#process !== undefined) throw new Error(`member ${this.sid} is running`);
    this.#program = program;
    const configPath = join(this.folder, 'zoo.cfg');
    writeFileSync(configPath, this.#configText());
    const log = openSync(this.logPath, 'a');
    const [command, ...words] = tied(program.command(configPath, this.#options.properties));
    const server = spawn(command!, words, { cwd: this.folder, stdio: ['ignore', log, log] });
    closeSync(log);
    running.add(server);
    this.#process = server;
    this.#exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        running.delete(server);
        this.#process = undefined;
        this.#ends++;
        resolve(exit);
      };
      server.once('exit', (code, signal) => end({ code, signal }));
      server.once('error', () => end({ code: null, signal: null }));
    });
  }

  async start(program?: ServerProgram): Promise<void> {
    this.launch(program);
    await this.serving();
  }

  /** Resolves once it has a part in the ensemble, of whatever kind. */
  async serving(): Promise<void> {
    await until(`member ${this.sid} serves`, async () => {
      if (!this.isRunning) throw new Error(`member ${this.sid} has ended:\n${this.log().slice(-2000)}`);
      return (await this.mode()) !== 'none';
    });
  }

  async mode(): Promise<Mode> {
    const mode = /^Mode: (\w+)$/m.exec(await this.ask('srvr'))?.[1];
    return mode === 'leader' || mode === 'follower' || mode === 'observer' ? mode : 'none';
  }

  /** Apache forgets a word that comes while it starts, so nobody waits long for an answer. */
  ask(word: string): Promise<string> {
    return fourLetterWord(this.port, word, askLimitMs);
  }

  /** A figure of `mntr`, by its name without `zk_`. */
  async figure(name: string): Promise<string | undefined> {
    return new RegExp(`^zk_${name}\t(.*)$`, 'm').exec(await this.ask('mntr'))?.[1];
  }

  async zxid(): Promise<string | undefined> {
    return /^Zxid: (0x[0-9a-f]+)$/m.exec(await this.ask('srvr'))?.[1];
  }

  /** SIGKILL: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#exited;
  }

  /** SIGTERM, and SIGKILL where that is not heeded in time. */
  async stop(): Promise<Exit | undefined> {
    this.#process?.kill('SIGTERM');
    const limit = setTimeout(() => this.#process?.kill('SIGKILL'), stopLimitMs);
    const exit = await this.#exited;
    clearTimeout(limit);
    return exit;
  }

  /** SIGSTOP: its connections stay, and it says nothing. Resolves when all its threads stand: that takes a moment. */
  async pause(): Promise<void> {
    const { pid } = this;
    this.#process!.kill('SIGSTOP');
    await until(`member ${this.sid} stands still`, () => Promise.resolve(isStopped(pid)));
  }

  resume(): void {
    this.#process!.kill('SIGCONT');
  }

  /** From here on `log` tells what is new. */
  mark(): void {
    this.#marked = existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8').length : 0;
  }

  log(): string {
    return readFileSync(this.logPath, 'utf8').slice(this.#marked);
  }

  /** Whether a piece of text lies in one of its log files. */
  hasLogged(text: string): boolean {
    const folder = join(this.dataDir, 'version-2');
    const logs = readdirSync(folder).filter((name) => name.startsWith('log.'));
    return logs.some((name) => readFileSync(join(folder, name)).includes(text));
  }

  #configText(): string {
    const lines = {
      tickTime: 500,
      initLimit: 40,
      syncLimit: 10,
      dataDir: this.dataDir,
      clientPort: this.port,
      clientPortAddress: host,
      maxClientCnxns: 0,
      'admin.enableServer': 'false',
      '4lw.commands.whitelist': '*',
      ...(this.place.isObserver ? { peerType: 'observer' } : {}),
      ...this.#options.config,
    };
    const servers = this.#all.map(
      ({ sid, quorumHost, quorumPort, electionPort, isObserver }) =>
        `server.${sid}=${quorumHost}:${quorumPort}:${electionPort}${isObserver ? ':observer' : ''}\n`,
    );
    return [...Object.entries(lines).map(([key, value]) => `${key}=${value}\n`), ...servers].join('');
  }
}

/** Where the system can do it: the process ends with the one that started it, even where that is killed. */
function tied(words: readonly string[]): readonly string[] {
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--', ...words] : words;
}

const host = '127.0.0.1';
const setpriv = '/usr/bin/setpriv';
const askLimitMs = 1000;
const stopLimitMs = 20_000;

/** As Linux tells; elsewhere nobody does. */
function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((task) => {
    const status = join(tasks, task, 'status');
    return !existsSync(status) || /^State:\s+T/m.test(readFileSync(status, 'utf8'));
  });
}
