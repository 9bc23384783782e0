import type { QuorumVerifier } from '@corral/protocol';
import type { LearnerLinks } from './learner-links.ts';
import type { LearnerProgress } from './learner-progress.ts';

/**
 * Makes sure that this server still leads: a PING to every follower, sent after somebody wants to know, and its answer
 * from a quorum. Who answers followed this leader when it sent the answer, and whoever follows another answers no more;
 * so no other leader had a quorum when the round began, and nothing newer than what this one has was acknowledged to
 * anybody (Apache's sync answers without asking: ZOOKEEPER-1675). It works with any follower, Apache's too: each PING
 * behind UPTODATE is answered by one PING, in order.
 *
 * One round runs at a time and serves all that asked before it began.
 */
export class QuorumRounds {
  readonly #sid: number;
  readonly #links: LearnerLinks;
  #begun = 0;
  #confirmed = 0;

  constructor(sid: number, links: LearnerLinks) {
    this.#sid = sid;
    this.#links = links;
  }

  /** The round that somebody who asks now must wait for. */
  get next(): number {
    return this.#begun + 1;
  }

  get confirmed(): number {
    return this.#confirmed;
  }

  get isRunning(): boolean {
    return this.#begun > this.#confirmed;
  }

  /** To be followed by a PING to all. */
  begin(): void {
    this.#begun += 1;
    for (const learner of this.#links.syncedFollowers) learner.roundPing = 0;
  }

  /** A PING has been put out to all that are synchronised; one that missed the round's own takes part with this one. */
  pinged(): void {
    for (const learner of this.#links.syncedFollowers) {
      learner.pingsSent += 1;
      if (learner.roundPing === 0) learner.roundPing = learner.pingsSent;
    }
  }

  answered(learner: LearnerProgress): void {
    if (learner.pingsAnswered < learner.pingsSent) learner.pingsAnswered += 1;
  }

  /** Confirms the round that runs, where a quorum of all `configs` has answered. */
  tryConfirm(configs: readonly QuorumVerifier[]): void {
    const following = new Set([this.#sid]);
    for (const learner of this.#links.syncedFollowers)
      if (learner.roundPing > 0 && learner.pingsAnswered >= learner.roundPing) following.add(learner.sid);
    if (configs.every((config) => config.containsQuorum(following))) this.#confirmed = this.#begun;
  }
}
