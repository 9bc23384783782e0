import type { Storage, StorageState } from '@corral/persistence';
import { Database } from './database.ts';
import { LevelEpochs } from './level-epochs.ts';
import { LevelLog } from './level-log.ts';
import { LevelSnapshots } from './level-snapshots.ts';
import { KIND } from './records.ts';
import type { Table } from './version.ts';

export interface LevelStorageOptions {
  /** Snapshots and epochs go into `level-snapshots` below it. Created when absent. */
  readonly dataDir: string;
  /** The log goes into `level-log` below it: on a device of its own where that matters. Default: `dataDir`. */
  readonly dataLogDir?: string | undefined;
}

/**
 * Opens (or creates) a storage in LevelDB. Log and snapshots are two databases, so that the compactions that writing
 * a snapshot brings about do not stand in the way of the log.
 *
 * Rejects with `LOCKED` where another process has it open, with `DAMAGED` where it is not whole.
 */
export async function levelStorage(options: LevelStorageOptions): Promise<Storage> {
  const { dataDir, dataLogDir = dataDir } = options;
  const repairs: string[] = [];
  const snapshotDatabase = await Database.open({
    parent: dataDir,
    name: 'level-snapshots',
    isSelfChecked: hasChunksOnly,
    repairs,
  });
  try {
    const logDatabase = await Database.open({
      parent: dataLogDir,
      name: 'level-log',
      isSelfChecked: () => false,
      repairs,
    });
    try {
      return await openStorage(snapshotDatabase, logDatabase, repairs);
    } catch (cause) {
      await logDatabase.close();
      throw cause;
    }
  } catch (cause) {
    await snapshotDatabase.close();
    throw cause;
  }
}

/** For specs too, which bring databases that fail. */
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

/**
 * Snapshots are most of what is stored. Their chunks are counted, numbered and carry a checksum each, so a snapshot
 * that is not whole says so when it is loaded, and an older one takes its place.
 */
function hasChunksOnly({ smallest, largest }: Table): boolean {
  const letter = KIND.chunk.charCodeAt(0);
  return smallest[0] === letter && largest[0] === letter;
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
