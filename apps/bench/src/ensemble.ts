import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, Transport } from '@corral/transport';
import { askFourLetterWord } from './four-letter-word.ts';

export interface EnsembleOptions {
  /** Runs one server in the foreground; the path of its `zoo.cfg` is added. */
  readonly launcher: readonly string[];
  readonly size: number;
  readonly tickTimeMs: number;
  /** More lines for every `zoo.cfg`. */
  readonly lines: readonly string[];
}

/**
 * An ensemble on this machine, a process for each server, in a folder that is gone when it stops. A server is killed with
 * all that its launcher has started.
 */
export class Ensemble {
  readonly addresses: readonly Address[];
  readonly #options: EnsembleOptions;
  readonly #transport: Transport;
  readonly #folder: string;
  /** Why a server could not even be started. */
  #failure: Error | undefined = undefined;
  readonly #running = new Map<number, ChildProcess>();
  readonly #killAll = (): void => {
    for (const index of this.#running.keys()) void this.kill(index);
  };

  /** Writes the configurations; nothing runs yet. */
  static async prepare(transport: Transport, options: EnsembleOptions): Promise<Ensemble> {
    const { size, tickTimeMs, lines } = options;
    const base = await freePorts(3 * size);
    const folder = await mkdtemp(join(tmpdir(), `corral-bench-${process.pid}-`));
    const members = Array.from(
      { length: size },
      (_, i) => `server.${i + 1}=${HOST}:${base + size + i}:${base + 2 * size + i}`,
    );
    for (let i = 0; i < size; i++) {
      const data = join(folder, `${i + 1}`, 'data');
      await mkdir(data, { recursive: true });
      await writeFile(join(data, 'myid'), `${i + 1}\n`);
      const text = [
        `tickTime=${tickTimeMs}`,
        'initLimit=20',
        'syncLimit=10',
        `dataDir=${data}`,
        `clientPort=${base + i}`,
        'maxClientCnxns=0',
        'admin.enableServer=false',
        '4lw.commands.whitelist=*',
        ...members,
        ...lines,
      ];
      await writeFile(join(folder, `${i + 1}`, 'zoo.cfg'), `${text.join('\n')}\n`);
    }
    const addresses = members.map((_, i) => ({ host: HOST, port: base + i }));
    return new Ensemble(transport, options, folder, addresses);
  }

  private constructor(
    transport: Transport,
    options: EnsembleOptions,
    folder: string,
    addresses: readonly Address[],
  ) {
    this.#transport = transport;
    this.#options = options;
    this.#folder = folder;
    this.addresses = addresses;
    process.on('exit', this.#killAll);
  }

  /** Starts the server at `index`; says nothing of when it serves. */
  start(index: number): void {
    const folder = join(this.#folder, `${index + 1}`);
    const [command, ...words] = this.#options.launcher;
    const log = openSync(join(folder, 'log'), 'a');
    const child = spawn(command!, [...words, join(folder, 'zoo.cfg')], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.on('error', (error) => (this.#failure ??= error));
    this.#running.set(index, child);
  }

  /** Resolves when its process is gone. */
  async kill(index: number): Promise<void> {
    const child = this.#running.get(index);
    this.#running.delete(index);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  }

  /** As the server says itself (`leader`, `follower`); undefined while it does not serve. */
  async modeOf(index: number): Promise<string | undefined> {
    const answer = await askFourLetterWord(this.#transport, this.addresses[index]!, 'srvr');
    return /^Mode: (\w+)/m.exec(answer)?.[1];
  }

  /** Who leads; undefined while nobody does. */
  async leader(): Promise<number | undefined> {
    const modes = await Promise.all(this.addresses.map((_, index) => this.modeOf(index)));
    const index = modes.indexOf('leader');
    return index < 0 ? undefined : index;
  }

  /** @throws where it does not come true in time: the log of a server says why, and its folder stays */
  async until(what: string, isTrue: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!(await isTrue())) {
      if (this.#failure !== undefined) {
        await this.remove();
        throw this.#failure;
      }
      if (performance.now() > giveUpAt)
        throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s; logs are in ${this.#folder}`);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((index) => this.kill(index)));
    process.off('exit', this.#killAll);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The first of `count` ports in a row that are free, below those that systems give to connections. */
async function freePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT - count));
    const ports = Array.from({ length: count }, (_, i) => base + i);
    const isFree = await Promise.all(ports.map(isPortFree));
    if (isFree.every(Boolean)) return base;
  }
  throw new Error('no free ports are to be found');
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

const HOST = '127.0.0.1';
const FIRST_PORT = 11_000;
const LAST_PORT = 32_000;
const PATIENCE_MS = 60_000;
