export type { Storage, StorageState } from './storage.ts';
export type { LogEntry, LogEntryHandler, TxnLog } from './txn-log.ts';
export type { SnapshotBody, SnapshotInfo, SnapshotSink, Snapshots, SnapshotTrailer } from './snapshots.ts';
export type { Epochs } from './epochs.ts';
export { PersistenceError, type PersistenceErrorCode } from './error.ts';
export { ContiguityCheck, isContiguous } from './contiguity.ts';

// For adapters.
export { readFully, writeFully, type Disk, type DiskFile, type DiskLock, type DiskStat } from './disk.ts';
export { ENTRY_BYTES_MIN, ENTRY_ZXID_AT, requireEntry } from './entry.ts';
export { GroupSync } from './group-sync.ts';
export { requireEpoch } from './epochs.ts';
