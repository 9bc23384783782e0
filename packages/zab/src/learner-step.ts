import type { QuorumPacket, Txn, Zxid } from '@corral/protocol';

/** What happens to a follower or observer. Nothing is handed in behind `LearnerOutput.leave`: it would be ignored. */
export type LearnerInput =
  /** The connection with the leader stands. */
  | { readonly kind: 'connected' }
  /**
   * The leader sent this. Only while `Learner.wantsPackets`: else the host leaves it, and all behind it, on the
   * connection. So whatever a leader sends, it waits there and not in memory.
   */
  | { readonly kind: 'packet'; readonly packet: QuorumPacket }
  /** Bytes of the snapshot have come in: a slow leader, not a dead one. */
  | { readonly kind: 'progress' }
  /** Answers `receiveSnapshot`: the tree is the leader's; nothing of the old one is left. */
  | { readonly kind: 'snapshotReceived' }
  /** Answers `truncate`: log and tree end at that zxid. */
  | { readonly kind: 'truncated' }
  /** Answers `truncate`: it cannot be done, or what is on disk has nothing that ends at that zxid. */
  | { readonly kind: 'truncateFailed'; readonly reason: string }
  /** Answers `takeSnapshot`: it is durable. */
  | { readonly kind: 'snapshotTaken' }
  /** Answers `storeEpoch`: the file is durable. */
  | { readonly kind: 'epochStored'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /** The log is durable up to `zxid`. The host syncs by itself whenever something was appended. */
  | { readonly kind: 'durable'; readonly zxid: Zxid }
  /** At least twice per `tickTime`. `now` is in monotonic milliseconds. */
  | { readonly kind: 'tick'; readonly now: number }
  /** The connection is over, or the host wants to leave. */
  | { readonly kind: 'disconnected' };

/** What a learner wants done, in this order. */
export type LearnerOutput =
  | { readonly kind: 'send'; readonly packet: QuorumPacket }
  /** Durably and atomically; answered by `epochStored`. No packet that promises it has been put out before. */
  | { readonly kind: 'storeEpoch'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /**
   * The raw image of a tree follows on the connection, then the string BenWasHere: build a fresh tree from it, whose
   * last processed zxid is `zxid`, and only then let go of the old one; answer with `snapshotReceived`. What the host
   * remembered for a `commit` is forgotten. Where reconfiguration is switched off, the configuration in force here takes
   * the place of the leader's in the tree (ZOOKEEPER-2819).
   */
  | { readonly kind: 'receiveSnapshot'; readonly zxid: Zxid }
  /**
   * Forget every entry of the log above `zxid` and build the tree anew from disk, without the snapshots above `zxid`
   * (ZOOKEEPER-4837), which must be gone before the answer; so must what the host remembered for a `commit`. Log and
   * snapshots together must end at exactly `zxid`. Answer with `truncated` or `truncateFailed`.
   */
  | { readonly kind: 'truncate'; readonly zxid: Zxid }
  /**
   * The tree came by SNAP and stands at `zxid`: make it durable as a snapshot that replaces all the disk knew. In this
   * order, for a crash may come between any two:
   *
   * 1. forget entries of the log above `zxid` (they were never committed, and would be replayed on top of the snapshot:
   *    ZOOKEEPER-2832);
   * 2. make the snapshot durable;
   * 3. forget the rest of the log (what was never committed there would reach others through a DIFF from disk:
   *    ZOOKEEPER-2846) and the older snapshots. Not before: until 2, they are what this server has acknowledged.
   *
   * Answer with `snapshotTaken`. The log goes on with the entry that follows `zxid`.
   */
  | { readonly kind: 'takeSnapshot'; readonly zxid: Zxid }
  /** Append to the log and remember for its `commit`. `entry`, and `txn` that was decoded from it, belong to the host now. */
  | { readonly kind: 'append'; readonly zxid: Zxid; readonly entry: Uint8Array; readonly txn: Txn }
  /**
   * Remember for its `commit`, without the log: the snapshot to come keeps it, or nobody (observers without
   * `syncEnabled`). Or an error under the zxid of the transaction before it, as Apache's leaders propose it for a request
   * they cannot read: it changes nothing, and only answers a client.
   */
  | { readonly kind: 'hold'; readonly zxid: Zxid; readonly entry: Uint8Array; readonly txn: Txn }
  /** Apply everything appended or held up to `zxid`, in order; also what the log held before this learner began. */
  | { readonly kind: 'commit'; readonly zxid: Zxid }
  /** Synchronised, acknowledged and up to date: serve clients. What is committed before this answers nobody. */
  | { readonly kind: 'serve' }
  /** The leader asks who is alive: answer with a PING of the same zxid and the sessions touched since the last one. */
  | { readonly kind: 'pinged'; readonly zxid: number }
  /** An answer to a request of the host's own: REVALIDATE or SYNC. */
  | { readonly kind: 'deliver'; readonly packet: QuorumPacket }
  /**
   * A configuration was seen (`isActive` false: proposed, or the leader's at NEWLEADER) or has become the one in force:
   * behind the `commit` of its transaction, or at UPTODATE. The text as it came; only with `reconfigEnabled`. The host
   * writes its files and, where it changes this server's role or addresses, leaves.
   */
  | {
      readonly kind: 'config';
      readonly text: Uint8Array;
      readonly isActive: boolean;
      readonly designatedLeader?: number;
    }
  /**
   * Close the connection and go to election, once all that is under way (the log's sync, a snapshot being taken) has
   * ended. The last output of all. `isFatal`: this server's own state is not to be believed, it must stop (Apache's exit
   * codes 12 and 13). `isTreeTorn`: the tree may be neither what the disk says nor any state the ensemble was ever in (it
   * came by SNAP and is not on disk, or was being cut); it must be built anew from disk before anything else looks at it
   * (ZOOKEEPER-3642, 5094). Otherwise it holds nothing that was not handed to the log before, except an observer's that
   * keeps no log: where that becomes a follower, it is built anew likewise.
   */
  | {
      readonly kind: 'leave';
      readonly reason: string;
      readonly isFatal: boolean;
      readonly isTreeTorn: boolean;
    }
  /** For the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string };
