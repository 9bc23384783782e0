import type { Disk, Storage } from '@corral/persistence';
import {
  crashImageByChance,
  type DiskFault,
  type DiskOperation,
  MemoryDisk,
  MemoryMedium,
  memoryStorage,
} from '@corral/persistence/memory';
import type { Random } from '@corral/runtime';
import { type DiskWeather, failedSync, noSpace } from './disk-weather.ts';

/** What a server's data lies on, over all lives of its process. */
export interface Medium {
  open(): Promise<Storage>;
  /** The process is dead, the machine goes on: what was written is still there. */
  afterDeath(): void;
  /** The power was cut: of what was not synced anything may be there, all, nothing, or pieces. */
  afterPowerLoss(random: Random): void;
  /** An operator throws the data away. */
  wipe(): void;
  /** Flips a bit of something, at rest or under the eyes of the process. Resolves with what it hit; undefined where there is nothing to hit. */
  rot(random: Random): Promise<string | undefined>;
}

/** Opens a storage on a simulated disk: how a file adapter is handed in. */
export type OpenOnDisk = (disk: Disk) => Promise<Storage>;

/** The memory storage: what was not synced is lost with the process, nothing is ever torn. */
export class MemoryBacked implements Medium {
  readonly #weather: DiskWeather;
  #medium = new MemoryMedium();

  constructor(weather: DiskWeather) {
    this.#weather = weather;
  }

  open(): Promise<Storage> {
    const weather = this.#weather;
    this.#medium.beforeSync = async () => {
      await weather.effect();
      if (weather.isFull) throw noSpace();
      if (weather.takesFailure()) throw failedSync();
    };
    return memoryStorage({ medium: this.#medium });
  }

  afterDeath(): void {
    this.#medium.crash();
  }

  afterPowerLoss(): void {
    this.#medium.crash();
  }

  wipe(): void {
    this.#medium = new MemoryMedium();
  }

  async rot(): Promise<string | undefined> {
    return undefined;
  }
}

/** Any storage that writes files, on a disk that loses, tears and reorders what was not synced. */
export class DiskBacked implements Medium {
  readonly #weather: DiskWeather;
  readonly #openOnDisk: OpenOnDisk;
  #disk = new MemoryDisk();

  constructor(weather: DiskWeather, openOnDisk: OpenOnDisk) {
    this.#weather = weather;
    this.#openOnDisk = openOnDisk;
  }

  open(): Promise<Storage> {
    const disk = this.#disk;
    disk.faults = (operation) => this.#faultOf(disk, operation);
    return this.#openOnDisk(disk);
  }

  afterDeath(): void {
    this.#disk = this.#disk.afterProcessDeath();
  }

  afterPowerLoss(random: Random): void {
    this.#disk.powerOff();
    this.#disk = crashImageByChance(this.#disk, random);
  }

  wipe(): void {
    this.#disk = new MemoryDisk();
  }

  #faultOf(disk: MemoryDisk, { kind, length = 0 }: DiskOperation): DiskFault | undefined {
    disk.journal.length = 0;
    if (kind === 'read') return undefined;
    const weather = this.#weather;
    const wait = weather.effect();
    if (weather.isFull && NEEDS_ROOM.has(kind)) {
      // What there is room for is taken: the first write is cut short.
      const isCutShort = kind === 'write' && length > 1 && weather.effects % 2 === 0;
      return isCutShort ? { wait, writeAtMost: length >> 1 } : { wait, error: 'NO_SPACE' };
    }
    if (kind !== 'datasync') return { wait };
    if (weather.takesFailure()) return { wait, error: 'IO' };
    return weather.isLying ? { wait, isLie: true } : { wait };
  }

  async rot(random: Random): Promise<string | undefined> {
    const disk = this.#disk;
    const { faults } = disk;
    disk.faults = () => undefined;
    const hit = await this.#flip(disk, random);
    disk.faults = faults;
    return hit;
  }

  async #flip(disk: MemoryDisk, random: Random): Promise<string | undefined> {
    const files: { path: string; size: number }[] = [];
    await filesBelow(disk, '', files);
    const eligible = files.filter(({ size }) => size > 0);
    if (eligible.length === 0) return undefined;
    const { path, size } = eligible[random.below(eligible.length)]!;
    const position = random.below(Math.min(size, ROT_BYTES));
    const file = await disk.open(path, 'update');
    const byte = new Uint8Array(1);
    await file.read(byte, position);
    byte[0]! ^= 1 << random.below(8);
    file.writeNow(byte, position);
    await file.datasync();
    return `${path} at ${position}`;
  }
}

async function filesBelow(
  disk: Disk,
  directory: string,
  found: { path: string; size: number }[],
): Promise<void> {
  for (const name of (await disk.list(directory)).toSorted()) {
    const path = `${directory}/${name}`;
    const stat = await disk.stat(path);
    if (stat?.isDirectory === true) await filesBelow(disk, path, found);
    else if (stat !== undefined) found.push({ path, size: stat.size });
  }
}

const NEEDS_ROOM: ReadonlySet<DiskOperation['kind']> = new Set(['create', 'write', 'makeDirectory']);
/** Log files are lengthened far ahead; what is rotten lies within what was written, mostly. */
const ROT_BYTES = 16 * 1024;
