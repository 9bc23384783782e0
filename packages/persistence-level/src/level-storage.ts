import { mkdir } from 'node:fs/promises';
import type { Storage, StorageState } from '@corral/persistence';
import { Database } from './database.ts';
import { LevelEpochs } from './level-epochs.ts';
import { LevelLog } from './level-log.ts';
import { LevelSnapshots } from './level-snapshots.ts';

export interface LevelStorageOptions {
  /** Snapshots and epochs go into `level-snapshots` below it. Created when absent. */
  readonly dataDir: string;
  /** The log goes into `level-log` below it: on a device of its own where that matters. Default: `dataDir`. */
  readonly dataLogDir?: string;
}

/**
 * Opens (or creates) a storage in LevelDB. Log and snapshots are two databases, so that the compactions that writing
 * a snapshot brings about do not stand in the way of the log.
 *
 * Rejects with `LOCKED` where another process has it open, with `DAMAGED` where LevelDB finds itself broken.
 */
export async function levelStorage(options: LevelStorageOptions): Promise<Storage> {
  const { dataDir, dataLogDir = dataDir } = options;
  await mkdir(dataDir, { recursive: true });
  await mkdir(dataLogDir, { recursive: true });
  const snapshotDatabase = await Database.open(dataDir, 'level-snapshots');
  try {
    const logDatabase = await Database.open(dataLogDir, 'level-log');
    try {
      return await open(snapshotDatabase, logDatabase);
    } catch (error) {
      await logDatabase.close();
      throw error;
    }
  } catch (error) {
    await snapshotDatabase.close();
    throw error;
  }
}

async function open(snapshotDatabase: Database, logDatabase: Database): Promise<Storage> {
  const snapshots = new LevelSnapshots(snapshotDatabase);
  const repairs = await snapshots.removeUnfinished();
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
      await this.#logDatabase.close();
      await this.#snapshotDatabase.close();
    }
  }
}
