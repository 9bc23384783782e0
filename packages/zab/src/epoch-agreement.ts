import { EPOCH_MAX, type QuorumVerifier } from '@corral/protocol';

/** Where a server stands: what its vote says of it, and what its log says. */
export interface StateSummary {
  readonly currentEpoch: number;
  readonly lastZxid: number;
}

/**
 * Discovery (Leader.java, `getEpochToPropose` and `waitForEpochAck`): a quorum tells which epochs it has accepted, the new
 * one is above them all; then a quorum promises to accept none below it, and shows that it has nothing newer than this
 * leader. Who has said so once has promised it on its disk: that its link goes away takes nothing back.
 */
export class EpochAgreement {
  readonly #config: QuorumVerifier;
  readonly #own: StateSummary;
  readonly #joined = new Set<number>();
  readonly #acked = new Set<number>();
  #epoch: number;

  constructor(config: QuorumVerifier, acceptedEpoch: number, own: StateSummary) {
    this.#config = config;
    this.#own = own;
    this.#epoch = acceptedEpoch + 1;
  }

  /** The epoch proposed so far; final once a quorum has joined. */
  get epoch(): number {
    return this.#epoch;
  }

  get isChosen(): boolean {
    return this.#config.containsQuorum(this.#joined);
  }

  get isAcked(): boolean {
    return this.#config.containsQuorum(this.#acked);
  }

  /**
   * Observers and strangers raise the epoch too, or they could not follow; but they are not counted (ZOOKEEPER-2959).
   * False where no epoch is left above `acceptedEpoch`.
   */
  join(sid: number, acceptedEpoch: number, hasVote: boolean): boolean {
    if (this.isChosen) return true;
    if (acceptedEpoch >= EPOCH_MAX) return false;
    this.#epoch = Math.max(this.#epoch, acceptedEpoch + 1);
    if (hasVote) this.#joined.add(sid);
    return true;
  }

  /**
   * A learner whose current epoch is -1 had accepted this very epoch before; it may have promised it to another leader,
   * and is not counted. False where the learner has something newer than this leader: then it must not follow. Once a
   * quorum had nothing newer, what a late one has more was never committed, and it will be told to cut it off.
   */
  ack(sid: number, peer: StateSummary, hasVote: boolean): boolean {
    if (this.isAcked || peer.currentEpoch === -1) return true;
    if (isMoreRecent(peer, this.#own)) return false;
    if (hasVote && peer.lastZxid !== -1) this.#acked.add(sid);
    return true;
  }
}

function isMoreRecent(a: StateSummary, b: StateSummary): boolean {
  return a.currentEpoch > b.currentEpoch || (a.currentEpoch === b.currentEpoch && a.lastZxid > b.lastZxid);
}
