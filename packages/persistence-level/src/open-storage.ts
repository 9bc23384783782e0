import type { Storage, StorageState } from '@corral/persistence';
import type { Database } from './database.ts';
import { LevelEpochs } from './level-epochs.ts';
import { LevelLog } from './level-log.ts';
import { LevelSnapshots } from './level-snapshots.ts';

/** Makes one storage of two open databases. A file of its own, so that the types of LevelDB stay out of the public ones. */
export async function openStorage(
  snapshotDatabase: Database,
  logDatabase: Database,
  repairs: string[],
): Promise<Storage> {
  const snapshots = new LevelSnapshots(snapshotDatabase);
  await snapshots.removeUnfinished(repairs);
  const epochs = await LevelEpochs.open(snapshotDatabase);
  const log = await LevelLog.open(logDatabase);
  const isEmpty = log.lastZxid === 0 && (await snapshots.list()).length === 0;
  return new LevelStorage(log, snapshots, epochs, { isEmpty, repairs }, logDatabase, snapshotDatabase);
}

class LevelStorage implements Storage {
  readonly log: LevelLog;
  readonly snapshots: LevelSnapshots;
  readonly epochs: LevelEpochs;
  readonly state: StorageState;
  readonly #logDatabase: Database;
  readonly #snapshotDatabase: Database;
  #closing: Promise<void> | undefined;

  constructor(
    log: LevelLog,
    snapshots: LevelSnapshots,
    epochs: LevelEpochs,
    state: StorageState,
    logDatabase: Database,
    snapshotDatabase: Database,
  ) {
    this.log = log;
    this.snapshots = snapshots;
    this.epochs = epochs;
    this.state = state;
    this.#logDatabase = logDatabase;
    this.#snapshotDatabase = snapshotDatabase;
  }

  async size(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }> {
    return { snapshotBytes: await this.#snapshotDatabase.bytes(), logBytes: await this.#logDatabase.bytes() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.log.close();
    } finally {
      try {
        await this.#logDatabase.close();
      } finally {
        await this.#snapshotDatabase.close();
      }
    }
  }
}
