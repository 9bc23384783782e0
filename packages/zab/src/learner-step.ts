import type { QuorumPacket, Zxid } from '@corral/protocol';

/** What happens to a follower or observer. `now` is in monotonic milliseconds. */
export type LearnerInput =
  /** The connection with the leader stands. */
  | { readonly kind: 'connected'; readonly now: number }
  /** The leader sent this. */
  | { readonly kind: 'packet'; readonly packet: QuorumPacket; readonly now: number }
  /** Answers `receiveSnapshot`: the tree is the leader's; nothing of the old one is left. */
  | { readonly kind: 'snapshotReceived'; readonly now: number }
  /** Answers `truncate`: log and tree end at that zxid. */
  | { readonly kind: 'truncated' }
  /** Answers `takeSnapshot`: it is durable. */
  | { readonly kind: 'snapshotTaken' }
  /** Answers `storeEpoch`: the file is durable. */
  | { readonly kind: 'epochStored'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /** The log is durable up to `zxid`. The host syncs by itself whenever something was appended. */
  | { readonly kind: 'durable'; readonly zxid: Zxid }
  /** At least twice per `tickTime`. */
  | { readonly kind: 'tick'; readonly now: number }
  /** The connection is over. */
  | { readonly kind: 'disconnected' };

/** What a learner wants done, in this order. */
export type LearnerOutput =
  | { readonly kind: 'send'; readonly packet: QuorumPacket }
  /** Durably and atomically; answered by `epochStored`. No packet that promises it has been put out before. */
  | { readonly kind: 'storeEpoch'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /**
   * The raw image of a tree follows on the connection, then the string BenWasHere: build a fresh tree from it, whose
   * last processed zxid is `zxid`, and only then let go of the old one; answer with `snapshotReceived`. Packets behind it
   * are handed in after that.
   */
  | { readonly kind: 'receiveSnapshot'; readonly zxid: Zxid }
  /** Forget every entry of the log above `zxid` and build the tree anew from disk; answer with `truncated`. */
  | { readonly kind: 'truncate'; readonly zxid: Zxid }
  /** Make the tree as it is now durable as a snapshot; answer with `snapshotTaken`. */
  | { readonly kind: 'takeSnapshot' }
  /** Append to the log and remember for its `commit`. `entry` belongs to the host now. */
  | { readonly kind: 'append'; readonly zxid: Zxid; readonly entry: Uint8Array }
  /** Remember for its `commit`, without the log: the snapshot to come, or nobody, keeps it (observers without `syncEnabled`). */
  | { readonly kind: 'hold'; readonly zxid: Zxid; readonly entry: Uint8Array }
  /** Apply everything appended or held up to `zxid`, in order. */
  | { readonly kind: 'commit'; readonly zxid: Zxid }
  /** Synchronised, acknowledged and up to date: serve clients. */
  | { readonly kind: 'serve' }
  /** The leader asks who is alive: answer with a PING of the same zxid and the sessions touched since the last one. */
  | { readonly kind: 'pinged'; readonly zxid: number }
  /** An answer to a request of the host's own: REVALIDATE or SYNC. */
  | { readonly kind: 'deliver'; readonly packet: QuorumPacket }
  /**
   * A configuration was seen (`isActive` false: proposed, or the leader's at NEWLEADER) or has become the one in force.
   * The text as it came. The host writes its files and, where it changes this server's role or addresses, leaves.
   */
  | {
      readonly kind: 'config';
      readonly text: Uint8Array;
      readonly isActive: boolean;
      readonly designatedLeader?: number;
    }
  /**
   * Close the connection and go to election. `isFatal`: this server's own state is not to be believed, it must stop
   * (Apache's exit codes 12 and 13). The last output of all.
   */
  | { readonly kind: 'leave'; readonly reason: string; readonly isFatal: boolean }
  /** For the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string };
