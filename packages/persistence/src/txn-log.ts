import type { Zxid } from '@corral/protocol';

/**
 * The transaction log: entries in zxid order, appended at one end, made durable in batches.
 *
 * An entry is the jute encoding of a transaction (header, record, digest; `encodeTxn` of `@corral/protocol`). The
 * log does not look inside; the same bytes travel to followers.
 *
 * The usual life of one batch, and the whole of group commit:
 *
 *     log.append(zxid, bytes); log.append(...);   // as requests arrive; nothing is durable yet
 *     await log.sync();                           // one write, one sync for all of them
 *     // only now acknowledge
 */
export interface TxnLog {
  /** The newest zxid appended or found, 0 when there is none. */
  readonly lastZxid: Zxid;

  /**
   * Adds an entry. `entry` is copied or written before this returns and may be overwritten by the caller.
   * Throws `RangeError` where `zxid` is not above `lastZxid` or not the one in the entry's own header, or where the
   * entry is shorter than a header or longer than the store takes; `PersistenceError` `CLOSED` after a failure.
   */
  append(zxid: Zxid, entry: Uint8Array): void;

  /**
   * Resolves when everything appended before this call is durable, together with the directory entry of any new
   * file it went to. At most one sync runs at a time: a call meanwhile waits for the running one and then for
   * one more that covers it.
   * Rejects once and for ever: after a failed sync nobody knows what is on the medium, so every later call
   * rejects too and the server must stop.
   */
  sync(): Promise<void>;

  /** Begins a new file (or its equivalent) with the next append. Called when a snapshot begins. Takes no time. */
  roll(): void;

  /** Bytes and entries appended since the last `roll` or opening: what decides when to snapshot. */
  readonly sinceRoll: { readonly entries: number; readonly bytes: number };

  /**
   * Hands every entry above `after` that is durable now to `handler`, in order, each once. The handler may return a
   * promise to slow the reader down; what it throws ends the reading. Rejects with `DAMAGED` (file and offset) at the
   * first bytes that are not whole; entries before them have been handed out by then, and the caller throws away
   * what it built from them.
   *
   * Zeros followed by more data, a checksum that does not match, a length that cannot be, a zxid that goes
   * backwards and an entry that cannot be read are damage. Whether zxids are contiguous is judged by the caller, who
   * knows where the snapshot ends: a `ContiguityCheck` takes the entries as they come.
   */
  read(after: Zxid, handler: LogEntryHandler): Promise<void>;

  /**
   * Forgets every entry above `zxid`, durably, and rolls. What was appended and not synced is synced first. Rejects
   * with `NOT_FOUND` where no entry has exactly that zxid (and it is not 0), having changed nothing. Snapshots are
   * not touched: the caller must not load one that holds what was forgotten.
   */
  truncate(zxid: Zxid): Promise<void>;

  /**
   * Lets go of files that no snapshot at or above `zxid` needs, and tells which. Every entry above `zxid` stays; so
   * do the file that holds `zxid` and the newest one (Java: PurgeTxnLog).
   */
  purge(zxid: Zxid): Promise<readonly string[]>;
}

/** The entry is valid until the call returns, or until the promise it returns resolves. */
export type LogEntryHandler = (entry: LogEntry) => void | Promise<void>;

export interface LogEntry {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  /** Where it was read, for error messages. */
  readonly file: string;
  readonly offset: number;
}
