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
   * Throws `RangeError` where `zxid` is not above `lastZxid`, `PersistenceError` `CLOSED` after a failure.
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

  /** Begins a new file (or its equivalent) with the next append. Called when a snapshot begins. */
  roll(): void;

  /** Bytes and entries appended since the last `roll` or opening: what decides when to snapshot. */
  readonly sinceRoll: { readonly entries: number; readonly bytes: number };

  /**
   * Hands every durable entry with a zxid above `after` to `handler`, in order. The handler may return a promise
   * to slow the reader down. Rejects with `DAMAGED` (file and offset) at the first bytes that are not whole;
   * entries before them have been handed out by then, and the caller throws away what it built from them.
   *
   * Zeros followed by more data, a checksum that does not match, a length that cannot be, a zxid that goes
   * backwards and an entry that cannot be read are damage. Whether zxids are contiguous is judged by the caller,
   * who knows where the snapshot ends (`checkContiguity` in `@corral/server`'s recovery); for that the handler is
   * told file and offset.
   */
  read(after: Zxid, handler: LogEntryHandler): Promise<void>;

  /**
   * Forgets every entry above `zxid`, durably. Rejects with `NOT_FOUND` where no entry has exactly that zxid (and
   * it is not 0), having changed nothing.
   */
  truncate(zxid: Zxid): Promise<void>;

  /** Lets go of files no snapshot at or above `zxid` needs: those whose every entry is at or below it. */
  purge(zxid: Zxid): Promise<readonly string[]>;
}

/** `entry.bytes` is valid during the call only. */
export type LogEntryHandler = (entry: LogEntry) => void | Promise<void>;

export interface LogEntry {
  readonly zxid: Zxid;
  readonly bytes: Uint8Array;
  /** Where it was read, for error messages. */
  readonly file: string;
  readonly offset: number;
}
