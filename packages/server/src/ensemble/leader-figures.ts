import type { Zxid } from '@corral/protocol';
import type { Clock, Counter, Metrics, Summary } from '@corral/runtime';
import { ProposalTimes } from './proposal-times.ts';

/** What a leader measures of its proposals, under Apache's names (Leader, AckRequestProcessor, CommitProcessor). */
export class LeaderFigures {
  readonly #clock: Clock;
  readonly #metrics: Metrics;
  readonly #proposed: Counter;
  readonly #committed: Counter;
  readonly #queued: Counter;
  readonly #revalidated: Counter;
  readonly #ownAckLatency: Summary;
  readonly #quorumAckLatency: Summary;
  readonly #times: ProposalTimes = new ProposalTimes();
  #lastDurable = 0;
  #lastCommitted = 0;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#metrics = metrics;
    this.#proposed = metrics.counter('proposal_count');
    this.#committed = metrics.counter('commit_count');
    this.#queued = metrics.counter('request_commit_queued');
    this.#revalidated = metrics.counter('revalidate_count');
    this.#ownAckLatency = metrics.summary('proposal_ack_creation_latency');
    this.#quorumAckLatency = metrics.summary('quorum_ack_latency');
  }

  /** Its epoch begins with this zxid. */
  begins(zxid: Zxid): void {
    this.#lastDurable = this.#lastCommitted = zxid;
  }

  proposed(zxid: Zxid): void {
    this.#proposed.add(1);
    this.#times.note(zxid, this.#clock.monotonic());
  }

  /** Here: this server's own acknowledgement. */
  durable(zxid: Zxid): void {
    this.#lastDurable = this.#observe(this.#ownAckLatency, this.#lastDurable, zxid);
  }

  acked(sid: number | undefined, zxid: number): void {
    if (zxid % ACKS_PER_FIGURE !== 0 || sid === undefined || sid < 0) return;
    const proposedAt = this.#times.of(zxid);
    if (proposedAt === undefined) return;
    this.#metrics.summary(`${sid}_ack_latency`).observe(this.#clock.monotonic() - proposedAt);
  }

  committed(zxid: Zxid): void {
    const count = zxid - this.#lastCommitted;
    if (count <= 0) return;
    this.#committed.add(count);
    this.#queued.add(count);
    this.#lastCommitted = this.#observe(this.#quorumAckLatency, this.#lastCommitted, zxid);
  }

  revalidated(): void {
    this.#revalidated.add(1);
  }

  #observe(summary: Summary, after: number, zxid: number): number {
    const now = this.#clock.monotonic();
    for (let each = this.#times.first(after, zxid); each <= zxid; each++) {
      const proposedAt = this.#times.of(each);
      if (proposedAt !== undefined) summary.observe(now - proposedAt);
    }
    return Math.max(after, zxid);
  }
}

/** `leader.ackLoggingFrequency`. */
const ACKS_PER_FIGURE = 1000;
