import type { Storage } from '@corral/persistence';
import { Database } from './database.ts';
import { openStorage } from './open-storage.ts';
import { KIND } from './records.ts';
import { SyncTimes, type SyncTimesOptions } from './sync-times.ts';
import type { Table } from './version.ts';

export interface LevelStorageOptions extends SyncTimesOptions {
  /** Snapshots and epochs go into `level-snapshots` below it. Created when absent. */
  readonly dataDir: string;
  /** The log goes into `level-log` below it: on a device of its own where that matters. Default: `dataDir`. */
  readonly dataLogDir?: string | undefined;
  /** False: rejects with `NOT_FOUND` where there is nothing yet (zookeeper.datadir.autocreate). */
  readonly autocreate?: boolean;
  /** False: writes are not synced, and a power cut may lose what was acknowledged (forceSync=no). */
  readonly forceSync?: boolean;
}

/**
 * Opens (or creates) a storage in LevelDB. Log and snapshots are two databases, so that the compactions that writing
 * a snapshot brings about do not stand in the way of the log.
 *
 * Rejects with `LOCKED` where another process has it open, with `DAMAGED` where it is not whole.
 */
export async function levelStorage(options: LevelStorageOptions): Promise<Storage> {
  const { dataDir, dataLogDir = dataDir, autocreate = true, forceSync = true } = options;
  const repairs: string[] = [];
  const snapshotDatabase = await Database.open({
    parent: dataDir,
    name: 'level-snapshots',
    isSelfChecked: hasChunksOnly,
    autocreate,
    forceSync,
    repairs,
  });
  try {
    const logDatabase = await Database.open({
      parent: dataLogDir,
      name: 'level-log',
      isSelfChecked: () => false,
      autocreate,
      forceSync,
      onSynced: new SyncTimes(`${dataLogDir}/level-log`, options).note,
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

/**
 * Snapshots are most of what is stored. Their chunks are counted, numbered and carry a checksum each, so a snapshot
 * that is not whole says so when it is loaded, and an older one takes its place.
 */
function hasChunksOnly({ smallest, largest }: Table): boolean {
  const letter = KIND.chunk.charCodeAt(0);
  return smallest[0] === letter && largest[0] === letter;
}
