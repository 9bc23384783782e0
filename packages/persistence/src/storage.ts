import type { Epochs } from './epochs.ts';
import type { Snapshots } from './snapshots.ts';
import type { TxnLog } from './txn-log.ts';

/**
 * One server's durable memory: a log, snapshots and epochs, opened and closed as one. An adapter's factory
 * (`fileStorage(options)`, `levelStorage(options)`) returns it opened; opening finds the end of the log, cuts a
 * torn tail after keeping a copy, makes durable what it found, and rejects with `DAMAGED`, file and offset for
 * anything else that is not whole. It looks at no more than that takes; the rest is checked when it is read. Rejects
 * with `LOCKED` where the place is open already, in this process or another.
 */
export interface Storage {
  readonly log: TxnLog;
  readonly snapshots: Snapshots;
  readonly epochs: Epochs;
  /** What was found when it was opened. */
  readonly state: StorageState;
  /** Bytes in use, for `conf`, `dirs` and `mntr`. Where log and snapshots share a directory, both count all of it. */
  size(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }>;
  /**
   * Syncs what was appended, aborts a snapshot that is being written, and lets go of the medium. Everything called
   * afterwards rejects with `CLOSED`, except `close`.
   */
  close(): Promise<void>;
}

export interface StorageState {
  /** No entry and no snapshot is here, whole or broken: the server may begin with an empty tree. */
  readonly isEmpty: boolean;
  /** Human-readable notes of what opening repaired (a torn tail cut, a temporary file removed), for the log. */
  readonly repairs: readonly string[];
}
