import type { Zxid } from '@corral/protocol';
import type { SnapshotTrailer } from '../snapshots.ts';

/**
 * What a {@link memoryStorage} leaves behind: open another one over the same medium and it finds what was durable.
 */
export class MemoryMedium {
  /**
   * Called before anything becomes durable, by every sync, commit and epoch. Whatever it returns is awaited: a
   * promise that resolves late is a slow disk, one that rejects a broken one.
   */
  beforeSync: () => void | Promise<void> = () => {};

  /** The part that survives a crash. Its fields belong to the storage. */
  readonly durable: MemoryImage = new MemoryImage();
  #holder: object | undefined;

  /** The process dies: what was not durable is lost, and the storage that was open is good for nothing more. */
  crash(): void {
    this.#holder = undefined;
  }

  /** Whether `holder` is the one storage that has this medium open. */
  isHeldBy(holder: object): boolean {
    return this.#holder === holder;
  }

  /** Lets one storage in at a time. */
  acquire(holder: object): boolean {
    if (this.#holder !== undefined) return false;
    this.#holder = holder;
    return true;
  }

  release(holder: object): void {
    if (this.#holder === holder) this.#holder = undefined;
  }
}

class MemoryImage {
  /** In zxid order. */
  segments: MemorySegment[] = [];
  snapshots: Map<Zxid, MemorySnapshot> = new Map();
  accepted: number | undefined = undefined;
  current: number | undefined = undefined;
}

/** What a file is elsewhere: named by its first zxid, begun by `roll`. */
export interface MemorySegment {
  readonly name: string;
  readonly entries: MemoryEntry[];
}

export interface MemoryEntry {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  readonly offset: number;
}

export interface MemorySnapshot {
  readonly body: Uint8Array;
  readonly trailer: SnapshotTrailer;
}
