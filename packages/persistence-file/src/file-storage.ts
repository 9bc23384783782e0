import { dirname } from 'node:path';
import { MAX_BUFFER_DEFAULT } from '@corral/jute';
import { epochOf } from '@corral/protocol';
import {
  PersistenceError,
  type Disk,
  type DiskLock,
  type Storage,
  type StorageState,
} from '@corral/persistence';
import { noMetrics, silentLogger, type Logger, type Metrics } from '@corral/runtime';
import { recoverEpochs, type FileEpochs } from './file-epochs.ts';
import { FileLog } from './file-log.ts';
import { isTemporaryName, type SnapshotCompression } from './file-names.ts';
import { FileSnapshots } from './file-snapshots.ts';
import { recoverLog } from './log-recovery.ts';
import { nodeDisk } from './node-disk.ts';
import { syncDirectory, type Settings } from './settings.ts';

export interface FileStorageOptions {
  /** Where snapshots and epochs live, in `version-2` below it (zoo.cfg: dataDir). */
  readonly dataDir: string;
  /** Where the log lives, in `version-2` below it (zoo.cfg: dataLogDir). `dataDir` when not given. */
  readonly dataLogDir?: string | undefined;
  readonly disk?: Disk;
  readonly logger?: Logger;
  /** Gets `fsynctime` (ms) and `fsync_threshold_exceed_count`. */
  readonly metrics?: Metrics;
  /** By how much a log file is lengthened ahead of its entries, in KiB; 0 for not at all (zookeeper.preAllocSize). */
  readonly preAllocSizeKb?: number;
  /** A log file that holds more than so many KiB gets no more entries; 0 or less for no limit (zookeeper.txnLogSizeLimitInKb). */
  readonly txnLogSizeLimitKb?: number;
  /** How new snapshots are packed (zookeeper.snapshot.compression.method). All kinds are read. */
  readonly snapshotCompression?: SnapshotCompression;
  /** False: nothing is synced, and a power cut may lose what was acknowledged (forceSync=no). */
  readonly forceSync?: boolean;
  /** The longest log entry taken and believed, in bytes. */
  readonly maxRecordBytes?: number;
  /** The longest snapshot believed, in bytes after unpacking. */
  readonly maxSnapshotBytes?: number;
  /** False: rejects with NOT_FOUND where the directories are missing (zookeeper.datadir.autocreate). */
  readonly autocreate?: boolean;
  /** A sync of the log that takes longer is logged (fsync.warningthresholdms). */
  readonly fsyncWarningThresholdMs?: number;
}

/**
 * A storage in Apache ZooKeeper's own files. Takes both directories for this process, repairs what a crash left, and rejects with
 * `DAMAGED` for anything else that is not whole, `LOCKED` where another process is at work.
 */
export async function fileStorage(options: FileStorageOptions): Promise<Storage> {
  const settings = complete(options);
  const directories = [...new Set([settings.snapshotDirectory, settings.logDirectory])];
  const locks: DiskLock[] = [];
  const repairs: string[] = [];
  try {
    for (const directory of directories) {
      await requireDirectory(settings, directory, options.autocreate ?? true);
      locks.push(await settings.disk.lock(`${directory}/${LOCK_NAME}`));
    }
    if (directories.length > 1) await requireNotMixed(settings);
    for (const directory of directories) await removeUnfinished(settings, directory, repairs);
    const recovered = await recoverLog(settings, repairs);
    const snapshots = new FileSnapshots(settings);
    const names = await settings.disk.list(settings.snapshotDirectory);
    const newest = (await snapshots.list())[0];
    const lastEpoch = epochOf(
      newest !== undefined && newest.zxid > recovered.lastZxid ? newest.zxid : recovered.lastZxid,
    );
    const epochs = await recoverEpochs(settings, lastEpoch, repairs);
    const isEmpty = recovered.files.length === 0 && !names.some((name) => name.startsWith('snapshot.'));
    return new FileStorage(
      settings,
      new FileLog(settings, recovered),
      snapshots,
      epochs,
      { isEmpty, repairs },
      locks,
    );
  } catch (cause) {
    for (const lock of locks) await lock.release();
    throw cause;
  }
}

const LOCK_NAME = 'corral.lock';

function complete(options: FileStorageOptions): Settings {
  const metrics = options.metrics ?? noMetrics();
  const limit = options.txnLogSizeLimitKb ?? -1;
  return {
    disk: options.disk ?? nodeDisk(),
    snapshotDirectory: `${options.dataDir}/version-2`,
    logDirectory: `${options.dataLogDir ?? options.dataDir}/version-2`,
    logger: options.logger ?? silentLogger,
    preAllocBytes: (options.preAllocSizeKb ?? 65536) * 1024,
    logBytesMax: limit > 0 ? limit * 1024 : Number.POSITIVE_INFINITY,
    snapshotCompression: options.snapshotCompression ?? '',
    forceSync: options.forceSync ?? true,
    entryBytesMax: options.maxRecordBytes ?? MAX_BUFFER_DEFAULT * 2,
    snapshotBytesMax: options.maxSnapshotBytes ?? 2 ** 34,
    fsyncWarningThresholdMs: options.fsyncWarningThresholdMs ?? 1000,
    fsyncTime: metrics.summary('fsynctime'),
    fsyncThresholdExceeded: metrics.counter('fsync_threshold_exceed_count'),
  };
}

/** Makes the directory and whatever is missing above it, durably. */
async function requireDirectory(settings: Settings, path: string, autocreate: boolean): Promise<void> {
  const found = await settings.disk.stat(path);
  if (found?.isDirectory === true) return;
  if (found !== undefined) throw new PersistenceError('IO', 'not a directory', { file: path });
  if (!autocreate) throw new PersistenceError('NOT_FOUND', 'the directory is missing', { file: path });
  const parent = dirname(path);
  if (parent !== path) await requireDirectory(settings, parent, autocreate);
  await settings.disk.makeDirectory(path);
  await syncDirectory(settings, parent);
}

/**
 * Where log and snapshots have directories of their own, a log in the one or a snapshot in the other means that
 * dataLogDir was changed and the files were not moved: what they hold would be forgotten (ZOOKEEPER-2967).
 */
async function requireNotMixed(settings: Settings): Promise<void> {
  for (const [directory, prefix, message] of [
    [
      settings.snapshotDirectory,
      'log.',
      'the snapshot directory has log files: check dataDir and dataLogDir',
    ],
    [settings.logDirectory, 'snapshot.', 'the log directory has snapshots: check dataDir and dataLogDir'],
  ] as const) {
    const name = (await settings.disk.list(directory)).find((found) => found.startsWith(prefix));
    if (name !== undefined) throw new PersistenceError('DAMAGED', message, { file: `${directory}/${name}` });
  }
}

async function removeUnfinished(settings: Settings, directory: string, repairs: string[]): Promise<void> {
  for (const name of await settings.disk.list(directory)) {
    if (!isTemporaryName(name)) continue;
    await settings.disk.remove(`${directory}/${name}`);
    repairs.push(`${name} was left by a crash and removed`);
  }
}

class FileStorage implements Storage {
  readonly log: FileLog;
  readonly snapshots: FileSnapshots;
  readonly epochs: FileEpochs;
  readonly state: StorageState;
  readonly #settings: Settings;
  readonly #locks: readonly DiskLock[];
  #closing: Promise<void> | undefined;

  constructor(
    settings: Settings,
    log: FileLog,
    snapshots: FileSnapshots,
    epochs: FileEpochs,
    state: StorageState,
    locks: readonly DiskLock[],
  ) {
    this.#settings = settings;
    this.log = log;
    this.snapshots = snapshots;
    this.epochs = epochs;
    this.state = state;
    this.#locks = locks;
  }

  /** As Apache counts (ZooKeeperServer.getDirSize): everything in the directory, which may be one and the same. */
  async size(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }> {
    const { snapshotDirectory, logDirectory } = this.#settings;
    return {
      snapshotBytes: await this.#bytesIn(snapshotDirectory),
      logBytes: await this.#bytesIn(logDirectory),
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      this.epochs.close();
      await this.snapshots.close();
      await this.log.close();
    } finally {
      for (const lock of this.#locks) await lock.release();
    }
  }

  async #bytesIn(directory: string): Promise<number> {
    let total = 0;
    for (const name of await this.#settings.disk.list(directory)) {
      total += (await this.#settings.disk.stat(`${directory}/${name}`))?.size ?? 0;
    }
    return total;
  }
}
