import type { Epochs } from './epochs.ts';
import type { Snapshots } from './snapshots.ts';
import type { TxnLog } from './txn-log.ts';

/**
 * One server's durable memory: a log, snapshots and epochs, opened and closed as one. An adapter's factory
 * (`fileStorage(options)`, `levelStorage(options)`) returns it opened; opening finds the end of the log, cuts a
 * torn tail after keeping a copy, and rejects with `DAMAGED`, file and offset for anything else that is not whole.
 */
export interface Storage {
  readonly log: TxnLog;
  readonly snapshots: Snapshots;
  readonly epochs: Epochs;
  /** What was found when it was opened. */
  readonly state: StorageState;
  /** Bytes in use, for `conf`, `dirs` and `mntr`. */
  size(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }>;
  /** Syncs what was appended and lets go of the medium. Nothing may be called afterwards. */
  close(): Promise<void>;
}

export interface StorageState {
  /** Nothing was ever stored here: the server may begin with an empty tree. */
  readonly isEmpty: boolean;
  /** Human-readable notes of what opening repaired (a torn tail cut, a temporary file removed), for the log. */
  readonly repairs: readonly string[];
}
