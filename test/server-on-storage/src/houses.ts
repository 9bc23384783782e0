import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '@corral/persistence';
import { fileStorage } from '@corral/persistence-file';
import { crashImage, MemoryDisk, MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import type { Server, ServerConfig } from '@corral/server';
import { serve } from './serving.ts';

/** A server over a store, again and again. */
export interface House {
  /** Starts a server over what is there, and says on which port. */
  start(config?: Partial<ServerConfig>): Promise<number>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** It dies. Where the store can tell, what was not synced is lost. */
  cut(): Promise<void>;
  /** Leaves nothing. */
  dispose(): Promise<void>;
}

export const houses: readonly { readonly name: string; readonly build: () => House }[] = [
  { name: 'memory', build: inMemory },
  { name: 'files of Apache, with the power cut', build: filesInMemory },
  { name: 'files of Apache, killed', build: () => new ProcessHouse('files') },
  { name: 'LevelDB, killed', build: () => new ProcessHouse('level') },
];

function inMemory(): House {
  const medium = new MemoryMedium();
  return new InnerHouse(
    () => memoryStorage({ medium }),
    () => medium.crash(),
  );
}

function filesInMemory(): House {
  let disk = new MemoryDisk();
  return new InnerHouse(
    () => fileStorage({ dataDir: '/data', disk }),
    () => {
      const dead = disk;
      disk = crashImage(dead);
      dead.powerOff();
    },
  );
}

/** In this process. A server whose store is cut off does not know that it is dead, and finds out. */
class InnerHouse implements House {
  readonly #open: () => Promise<Storage>;
  readonly #cutOff: () => void;
  readonly #servers: Server[] = [];

  constructor(open: () => Promise<Storage>, cutOff: () => void) {
    this.#open = open;
    this.#cutOff = cutOff;
  }

  async start(config: Partial<ServerConfig> = {}): Promise<number> {
    const server = await serve(await this.#open(), config);
    this.#servers.push(server);
    return server.address.port;
  }

  async stop(): Promise<void> {
    await this.#servers.at(-1)?.close();
  }

  async cut(): Promise<void> {
    this.#cutOff();
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.#servers.map((server) => server.close()));
  }
}

/** In a process of its own, on the disk. */
class ProcessHouse implements House {
  readonly #kind: 'files' | 'level';
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'corral-server-'));
  #process: ChildProcess | undefined;

  constructor(kind: 'files' | 'level') {
    this.#kind = kind;
  }

  async start(config: Partial<ServerConfig> = {}): Promise<number> {
    const script = join(import.meta.dirname, 'serve.ts');
    const words = [script, this.#kind, this.#directory, JSON.stringify(config)];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const [line] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the server ended with ${code}`);
      }),
    ])) as [Buffer];
    return Number(line.toString());
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  cut(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }
}
