import { type Disk, readFully, type Storage, writeFully } from '@corral/persistence';
import { crashImage, MemoryDisk } from '@corral/persistence/memory';
import { fileStorage } from '@corral/persistence-file';
import type { ServerConfig } from '@corral/server';
import { World } from './server-specs.ts';

/** A server over Apache's files, on a simulated disk that knows what a power cut takes. */
export class ServerOnDisk {
  readonly world: World = new World();
  disk: MemoryDisk = new MemoryDisk();

  static async serving(config: Partial<ServerConfig> = {}): Promise<ServerOnDisk> {
    const server = new ServerOnDisk();
    await server.start(config);
    return server;
  }

  /** The files, without a server. */
  open(): Promise<Storage> {
    return fileStorage({ dataDir: '', disk: this.disk, preAllocSizeKb: PADDING_KB });
  }

  async start(config: Partial<ServerConfig> = {}): Promise<World> {
    this.world.medium.crash();
    await this.world.start({ ...config }, { storage: await this.world.run(this.open()) });
    return this.world;
  }

  /** kill -9: what was written is still in the files. */
  die(): void {
    this.world.network.cutPower('server');
    this.disk = this.disk.afterProcessDeath();
  }

  /** Of what was not synced, nothing is left. */
  losePower(): void {
    this.world.network.cutPower('server');
    this.disk.powerOff();
    this.disk = crashImage(this.disk);
  }

  /** The names of the log files, or of the snapshots, oldest first. */
  async files(kind: 'log.' | 'snapshot.'): Promise<string[]> {
    const names = (await this.disk.list(DIRECTORY)).filter((name) => name.startsWith(kind));
    return names.toSorted(
      (a, b) => Number.parseInt(a.slice(kind.length), 16) - Number.parseInt(b.slice(kind.length), 16),
    );
  }

  async read(name: string): Promise<Uint8Array> {
    return contentOf(this.disk, `${DIRECTORY}/${name}`);
  }

  /** Puts other bytes in the place of a file's, or makes it. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const file = await this.disk.open(`${DIRECTORY}/${name}`, 'create');
    if (bytes.length > 0) await writeFully(file, bytes, 0);
    await file.datasync();
    await this.disk.syncDirectory(DIRECTORY);
  }

  async remove(name: string): Promise<void> {
    await this.disk.remove(`${DIRECTORY}/${name}`);
    await this.disk.syncDirectory(DIRECTORY);
  }
}

async function contentOf(disk: Disk, path: string): Promise<Uint8Array> {
  const content = new Uint8Array((await disk.stat(path))!.size);
  const file = await disk.open(path, 'read');
  await readFully(file, content, 0);
  return content;
}

const DIRECTORY = '/version-2';
const PADDING_KB = 16;
