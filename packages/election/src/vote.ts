/** Who is to lead, and why: ordered by epoch, then zxid, then id (FastLeaderElection.totalOrderPredicate). */
export interface Vote {
  /** The server's id; `Long.MIN_VALUE`'s stand-in `NO_VOTE` for one that has none to give. */
  readonly leader: number;
  /** The newest zxid in its log. */
  readonly zxid: number;
  /** The round of election (logical clock) it was given in. */
  readonly electionEpoch: number;
  /** Its `currentEpoch`. */
  readonly peerEpoch: number;
}
