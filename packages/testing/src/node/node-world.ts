import type { Storage } from '@corral/persistence';
import { fileStorage } from '@corral/persistence-file';
import { nodeRuntime } from '@corral/runtime/node';
import { memoryNetwork } from '@corral/transport/memory';
import { tcp } from '@corral/transport-tcp';
import { MemoryTestDisk, type TestDisk } from '../servers/test-disk.ts';
import type { TestWorld } from '../servers/test-world.ts';

/**
 * Clients come over TCP, on ports that are free, from this machine only. Members reach each other in memory.
 *
 * @param dataDir of a server; undefined: it keeps no files
 */
export function nodeWorld(dataDir: (sid: number) => string | undefined): TestWorld {
  const runtime = nodeRuntime();
  const transport = tcp();
  return {
    runtime,
    virtualClock: undefined,
    network: memoryNetwork({ clock: runtime.clock, random: runtime.random }),
    door: () => ({ transport, where: { host: LOOPBACK, port: 0 }, host: LOOPBACK }),
    clientTransport: transport,
    disk: (sid) => {
      const folder = dataDir(sid);
      return folder === undefined ? new MemoryTestDisk() : new FileTestDisk(folder);
    },
  };
}

/** The files of a server, as any other can open them. */
class FileTestDisk implements TestDisk {
  readonly #dataDir: string;
  #storage: Storage | undefined = undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async open(): Promise<Storage> {
    this.#storage = await fileStorage({ dataDir: this.#dataDir, preAllocSizeKb: PRE_ALLOC_KB });
    return this.#storage;
  }

  async crash(): Promise<void> {
    // What was written stays, as when a process dies and the machine goes on.
    await this.#storage?.close();
  }
}

const LOOPBACK = '127.0.0.1';
/** Tests write little, and often start anew. */
const PRE_ALLOC_KB = 64;
