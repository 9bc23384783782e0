import type { Storage } from '@corral/persistence';
import { crashImage, MemoryDisk, MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { type DiskWeather, failedSync } from '../world/disk-weather.ts';
import type { Medium, OpenOnDisk } from '../world/medium.ts';
import { gated } from './gated-storage.ts';
import { type DiskEffect, Gates } from './gates.ts';

/** What a disk holds at one moment, for `restore`. */
export interface DiskImage {
  readonly memory: MemoryMedium;
  readonly files: MemoryDisk;
}

/**
 * The disk of one server, over all lives of its process: on memory, or on files. A power cut takes all that was not
 * synced, nothing more and nothing less; the death of a process alone leaves what it wrote to files.
 */
export class ClusterDisk implements Medium {
  readonly #weather: DiskWeather;
  readonly #openOnDisk: OpenOnDisk | undefined;
  readonly #gates: Gates = new Gates();
  #memory = new MemoryMedium();
  #files = new MemoryDisk();

  /** @param openOnDisk opens a storage that writes files; undefined: the memory storage */
  constructor(weather: DiskWeather, openOnDisk: OpenOnDisk | undefined) {
    this.#weather = weather;
    this.#openOnDisk = openOnDisk;
  }

  /** What the memory storage has; nothing where the storage writes files. */
  get memory(): MemoryMedium {
    return this.#memory;
  }

  /** The files, where the storage writes files. */
  get files(): MemoryDisk {
    return this.#files;
  }

  /** These effects begin only after their `release`, or never where the process dies before. */
  hold(...effects: readonly DiskEffect[]): void {
    for (const effect of effects) this.#gates.hold(effect);
  }

  release(...effects: readonly DiskEffect[]): void {
    for (const effect of effects) this.#gates.release(effect);
  }

  /** How many effects of this kind are held now. */
  waiting(effect: DiskEffect): number {
    return this.#gates.waiting(effect);
  }

  /** The next effects of this kind fail, and nothing of them happens. */
  fail(effect: DiskEffect, times = 1): void {
    this.#gates.fail(effect, times);
  }

  /** What is durable now. */
  copy(): DiskImage {
    return { memory: copyOf(this.#memory), files: crashImage(this.#files) };
  }

  /** Only while no process runs. */
  restore({ memory, files }: DiskImage): void {
    this.#memory = copyOf(memory);
    this.#files = crashImage(files);
  }

  async open(): Promise<Storage> {
    const inner = await (this.#openOnDisk === undefined
      ? this.#openMemory()
      : this.#openFiles(this.#openOnDisk));
    return gated(inner, this.#gates);
  }

  afterDeath(): void {
    this.#gates.open();
    this.#memory.crash();
    this.#files = this.#files.afterProcessDeath();
  }

  afterPowerLoss(): void {
    this.#gates.open();
    this.#memory.crash();
    this.#files.powerOff();
    this.#files = crashImage(this.#files);
  }

  wipe(): void {
    this.#memory = new MemoryMedium();
    this.#files = new MemoryDisk();
  }

  async rot(): Promise<undefined> {
    return undefined;
  }

  #openMemory(): Promise<Storage> {
    const weather = this.#weather;
    this.#memory.beforeSync = async () => {
      await weather.effect();
      if (weather.takesFailure()) throw failedSync();
    };
    return memoryStorage({ medium: this.#memory });
  }

  #openFiles(openOnDisk: OpenOnDisk): Promise<Storage> {
    const disk = this.#files;
    disk.faults = ({ kind }) => {
      disk.journal.length = 0;
      if (kind === 'read') return undefined;
      const wait = this.#weather.effect();
      return kind === 'datasync' && this.#weather.takesFailure() ? { wait, error: 'IO' } : { wait };
    };
    return openOnDisk(disk);
  }
}

/** Entries and snapshots are never changed once they are there. */
function copyOf({ durable }: MemoryMedium): MemoryMedium {
  const copy = new MemoryMedium();
  copy.durable.segments = durable.segments.map(({ name, entries }) => ({ name, entries: [...entries] }));
  copy.durable.snapshots = new Map(durable.snapshots);
  copy.durable.accepted = durable.accepted;
  copy.durable.current = durable.current;
  return copy;
}
