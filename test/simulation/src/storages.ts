import { fileStorage } from '@corral/persistence-file';
import type { OpenOnDisk } from '@corral/testing';

export type StorageName = 'memory' | 'file';

/** Undefined: the memory storage. */
export const storages: Readonly<Record<StorageName, OpenOnDisk | undefined>> = {
  memory: undefined,
  // Small files, so that a storm sees many of them.
  file: (disk) => fileStorage({ dataDir: '/data', disk, preAllocSizeKb: 16, txnLogSizeLimitKb: 64 }),
};
