import type { QuorumPacket, QuorumVerifier, Zxid } from '@corral/protocol';

/**
 * A connection with a learner, as the host numbers them; never used twice. One server may appear on a second link before
 * the first is gone.
 */
export type Link = number;

/** What happens to a leader. */
export type LeaderInput =
  /**
   * FOLLOWERINFO, OBSERVERINFO, ACKEPOCH, ACK or PING came over a link. REQUEST, REVALIDATE and what a PING says of
   * sessions are the host's own affair, once `LeaderOutput.synced` has named the link. A link is known from its first
   * packet on: until then its patience (`initLimit`) and its number are the host's to bound.
   */
  | { readonly kind: 'packet'; readonly link: Link; readonly packet: QuorumPacket }
  /** Bytes of a snapshot, or of the log on disk, have gone out on the link: a slow learner, not a dead one. */
  | { readonly kind: 'progress'; readonly link: Link }
  /** The link is over, whoever ended it. */
  | { readonly kind: 'disconnected'; readonly link: Link }
  /** At least four times per `tickTime`. `now` is in monotonic milliseconds. */
  | { readonly kind: 'tick'; readonly now: number }
  /** Answers `storeEpoch`: the file is durable. */
  | { readonly kind: 'epochStored'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /** Answers `locateLog`. */
  | { readonly kind: 'logLocated'; readonly link: Link; readonly extent: LogExtent | undefined }
  /** The next transaction, prepared here: above all before, and contiguous. `entry` is never changed again. */
  | {
      readonly kind: 'propose';
      readonly zxid: Zxid;
      readonly entry: Uint8Array;
      /** The configuration it proposes, where it is a reconfiguration: from now on both must agree. */
      readonly config?: QuorumVerifier;
    }
  /** This server's own log is durable up to `zxid`: its own acknowledgement. */
  | { readonly kind: 'durable'; readonly zxid: Zxid }
  /**
   * Somebody wants to be told when all that is proposed by now is committed. `link` absent: a client of this server;
   * present: the SYNC that a learner forwarded, answered with a SYNC packet.
   */
  | { readonly kind: 'sync'; readonly token: number; readonly link?: Link }
  /**
   * This server wants to stop leading: once all that is proposed is committed, `stepDown` names the best successor. Where
   * a reconfiguration (to the same members, say) is among it, its commit designates that successor, and the others
   * follow it without an election. What is proposed after this goes nowhere, as with a leader that is not designated.
   */
  | { readonly kind: 'handOver' };

/** What the log on disk can do for a learner. */
export interface LogExtent {
  /** The newest entry on disk at or below the learner's zxid. There must be one, or what is between is missing. */
  readonly base: Zxid;
  /** The newest entry on disk. */
  readonly last: Zxid;
}

/**
 * What a leader wants done, in this order. Packets on one link leave in the order of their outputs, behind what
 * `sendLog` and `sendSnapshot` have put there.
 */
export type LeaderOutput =
  /** Encode once, send on each link. `data` of the packet and `links` are never changed again. */
  | { readonly kind: 'send'; readonly links: readonly Link[]; readonly packet: QuorumPacket }
  /** A COMMIT packet for every zxid from `from` to `to`, both included, on each link. */
  | { readonly kind: 'sendCommits'; readonly links: readonly Link[]; readonly from: Zxid; readonly to: Zxid }
  /** Stream the log on disk, entries above `after` up to `upTo`, as PROPOSAL and COMMIT each (INFORM never: observers get the same). */
  | { readonly kind: 'sendLog'; readonly link: Link; readonly after: Zxid; readonly upTo: Zxid }
  /**
   * SNAP with the tree's zxid, then the raw image of the tree **as it is when this output is handled**, then the
   * string BenWasHere. What follows on the link begins above that zxid.
   */
  | { readonly kind: 'sendSnapshot'; readonly link: Link; readonly zxid: Zxid }
  /**
   * Find what the log on disk has around the learner's zxid; answer with `logLocated`, undefined where it is of no use:
   * begins later, or is longer above that zxid than `snapshotSizeFactor` times the newest snapshot.
   */
  | { readonly kind: 'locateLog'; readonly link: Link; readonly zxid: Zxid }
  /** Durably and atomically; answered by `epochStored`. Nothing that depends on it has been put out before. */
  | { readonly kind: 'storeEpoch'; readonly which: 'accepted' | 'current'; readonly epoch: number }
  /**
   * A quorum follows: serve clients, prepare and propose. The next zxid is `zxid + 1`; the tree's last processed zxid
   * becomes `zxid`, and not before: a vote must not promise an epoch that nobody supports (ZOOKEEPER-790).
   */
  | { readonly kind: 'established'; readonly zxid: Zxid; readonly config: QuorumVerifier }
  /** This learner is synchronised: its requests are welcome. */
  | { readonly kind: 'synced'; readonly link: Link; readonly sid: number; readonly isObserver: boolean }
  /** Apply everything up to `zxid`, in order. */
  | { readonly kind: 'commit'; readonly zxid: Zxid }
  /** The `sync` of a client of this server is done. Comes behind the commits it waited for. */
  | { readonly kind: 'syncDone'; readonly token: number }
  /** The configuration is active: write its files, tell the election. Comes behind its commit. */
  | { readonly kind: 'configActivated'; readonly config: QuorumVerifier; readonly designatedLeader: number }
  /** End the link. */
  | { readonly kind: 'close'; readonly link: Link; readonly reason: string }
  /**
   * Stop leading: close all links, go to election, with the vote for `vote` where it is given. The last output of all.
   */
  | { readonly kind: 'stepDown'; readonly reason: string; readonly vote?: number }
  /** For the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string; readonly sid?: number };
