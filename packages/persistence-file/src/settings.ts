import type { Disk, DiskFile } from '@corral/persistence';
import type { Counter, Logger, Summary } from '@corral/runtime';
import type { SnapshotCompression } from './file-names.ts';

/** The options of a file storage, complete. */
export interface Settings {
  readonly disk: Disk;
  /** `<dataDir>/version-2` and `<dataLogDir>/version-2`; may be the same. */
  readonly snapshotDirectory: string;
  readonly logDirectory: string;
  readonly logger: Logger;
  readonly preAllocBytes: number;
  /** A log file that holds more is not written to again. */
  readonly logBytesMax: number;
  readonly snapshotCompression: SnapshotCompression;
  readonly forceSync: boolean;
  readonly entryBytesMax: number;
  readonly snapshotBytesMax: number;
  readonly fsyncWarningThresholdMs: number;
  readonly fsyncTime: Summary;
  readonly fsyncThresholdExceeded: Counter;
}

/** Makes a file durable, unless the operator has chosen to live without (`forceSync=no`). */
export async function syncFile(settings: Settings, file: DiskFile): Promise<void> {
  if (settings.forceSync) await file.datasync();
}

export async function syncDirectory(settings: Settings, path: string): Promise<void> {
  if (settings.forceSync) await settings.disk.syncDirectory(path);
}
