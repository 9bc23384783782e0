import type { Epochs } from '../epochs.ts';
import { PersistenceError } from '../error.ts';
import type { Storage, StorageState } from '../storage.ts';
import { MemoryEpochs } from './memory-epochs.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryMedium } from './memory-medium.ts';
import { MemorySnapshots } from './memory-snapshots.ts';

export interface MemoryStorageOptions {
  /** Where the data lives. A new one when not given: then it ends with the storage. */
  readonly medium?: MemoryMedium;
}

/**
 * The reference of {@link Storage}: the contract in the plainest form that keeps it, and a store for tests. Rejects
 * with `LOCKED` while another storage has the medium open.
 */
export async function memoryStorage(options: MemoryStorageOptions = {}): Promise<Storage> {
  const medium = options.medium ?? new MemoryMedium();
  const storage = new MemoryStorage(medium);
  if (!medium.acquire(storage)) throw new PersistenceError('LOCKED', 'the medium is open');
  return storage;
}

class MemoryStorage implements Storage {
  readonly log: MemoryLog;
  readonly snapshots: MemorySnapshots;
  readonly epochs: Epochs;
  readonly state: StorageState;
  readonly #medium: MemoryMedium;
  #closing: Promise<void> | undefined;

  constructor(medium: MemoryMedium) {
    this.#medium = medium;
    const guard = (): void => {
      if (!medium.isHeldBy(this))
        throw new PersistenceError('CLOSED', 'the storage is closed or has crashed');
    };
    this.log = new MemoryLog(medium, guard);
    this.snapshots = new MemorySnapshots(medium, guard);
    this.epochs = new MemoryEpochs(medium, guard);
    const { segments, snapshots } = medium.durable;
    this.state = { isEmpty: segments.length === 0 && snapshots.size === 0, repairs: [] };
  }

  async size(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }> {
    let snapshotBytes = 0;
    for (const snapshot of this.#medium.durable.snapshots.values()) snapshotBytes += snapshot.body.length;
    return { snapshotBytes, logBytes: this.log.durableBytes };
  }

  close(): Promise<void> {
    this.#closing ??= this.log.close().finally(() => this.#medium.release(this));
    return this.#closing;
  }
}
