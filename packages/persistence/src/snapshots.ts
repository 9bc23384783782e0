import type { Zxid } from '@corral/protocol';

/**
 * Snapshots: images of the whole tree, named by the zxid at which taking them began.
 *
 * The seam is bytes: a *body* is the jute encoding of sessions, ACL table and nodes, ended by the path "/" - the
 * very stream that a leader sends to a learner (SNAP). What an adapter adds (headers, seals, checksums,
 * compression) stays its own affair.
 */
export interface Snapshots {
  /**
   * Begins a snapshot. It does not exist for anybody until `commit`: a crash before leaves nothing that `list`
   * would show. One at a time: rejects with `RangeError` while another is being written. One of the same zxid is
   * replaced.
   */
  create(zxid: Zxid): Promise<SnapshotSink>;

  /** All that look complete, newest first. Whether they are whole is known when they are loaded. */
  list(): Promise<readonly SnapshotInfo[]>;

  /**
   * Reads a snapshot and feeds its body to `body`. Resolves with what followed the body, after every checksum has
   * been verified. Rejects with `DAMAGED`, also for what `body` throws: the caller then throws away whatever `body`
   * had built. Rejects with `NOT_FOUND` where it is gone.
   */
  load(info: SnapshotInfo, body: SnapshotBody): Promise<SnapshotTrailer>;

  /**
   * Removes what is older than the newest `retain` (1 or more) complete snapshots, complete or not, and tells what
   * it removed. Broken ones do not count: three of them after a full disk must not push out the last good one.
   */
  purge(retain: number): Promise<readonly string[]>;

  /**
   * Removes every snapshot above `zxid`, durably, and tells which: what the log is about to forget (`TxnLog.truncate`)
   * must not come back through one of them. Rejects with `RangeError` while one is being written.
   */
  discardAbove(zxid: Zxid): Promise<readonly string[]>;
}

export interface SnapshotInfo {
  readonly zxid: Zxid;
  /** The file or key, for messages. */
  readonly name: string;
  /** Bytes it takes on the medium. */
  readonly bytes: number;
}

/** Takes the body piece by piece. After `commit` or `abort`, `write` and `commit` reject with `CLOSED`. */
export interface SnapshotSink {
  /**
   * Takes the next bytes; they may be overwritten once this resolves. Await it: that is the back-pressure. When it
   * rejects (a full disk), the snapshot is aborted; the rest of the storage goes on.
   */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Resolves when the snapshot is durable, together with its directory entry, and is then listed. When it rejects,
   * the snapshot is aborted, as with `write`.
   */
  commit(trailer: SnapshotTrailer): Promise<SnapshotInfo>;
  /** Leaves no trace. Harmless afterwards. */
  abort(): Promise<void>;
}

/** A parser of bodies, pushed along by `Snapshots.load`. `@corral/datatree` has the real one. */
export interface SnapshotBody {
  /**
   * Takes the next bytes of the body and returns how many belonged to it: fewer than `chunk.length` only when
   * the body ended inside. Pieces of a record that are not whole yet are kept by the parser. Throws on nonsense.
   */
  push(chunk: Uint8Array): number;
  /** The terminator has been seen. */
  readonly ended: boolean;
}

/** What follows the body. Older files have less of it. */
export interface SnapshotTrailer {
  /** The tree digest and the zxid it was computed at (3.6, when digests are on). */
  readonly digest?: { readonly zxid: Zxid; readonly version: number; readonly value: bigint } | undefined;
  /** The last zxid applied when the body was finished: at or above the snapshot's own (3.9). */
  readonly lastProcessedZxid?: Zxid | undefined;
}
