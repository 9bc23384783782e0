import type { Notification } from '@corral/protocol';

/** Who is to lead, and why: ordered by epoch, then zxid, then id. */
export interface Vote {
  /** The server's id; `NO_VOTE` from one that has no vote to give. */
  readonly leader: number;
  /** The newest zxid in its log; -1 where it has no data that may be trusted. */
  readonly zxid: number;
  /** The round of election (logical clock) it was given in. */
  readonly electionEpoch: number;
  /** Its `currentEpoch`. */
  readonly peerEpoch: number;
}

export function voteIn(n: Notification): Vote {
  return { leader: n.leader, zxid: n.zxid, electionEpoch: n.electionEpoch, peerEpoch: n.peerEpoch };
}

/**
 * Whether the first is the better one to follow (FastLeaderElection.totalOrderPredicate). A strict total order over
 * (epoch, zxid, id): an id counts only where all before it are equal (ZOOKEEPER-1419), a round never.
 */
export function isBetterVote(a: Vote, b: Vote): boolean {
  if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch;
  if (a.zxid !== b.zxid) return a.zxid > b.zxid;
  return a.leader > b.leader;
}

/** Whether both say the same of the same round. */
export function isSameVote(a: Vote, b: Vote): boolean {
  return (
    a.leader === b.leader &&
    a.zxid === b.zxid &&
    a.electionEpoch === b.electionEpoch &&
    a.peerEpoch === b.peerEpoch
  );
}
