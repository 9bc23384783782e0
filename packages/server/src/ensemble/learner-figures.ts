import type { TxnHeader } from '@corral/protocol';
import type { Clock, Counter, Metrics, Summary } from '@corral/runtime';
import { ProposalTimes } from './proposal-times.ts';

/**
 * What a learner measures of what its leader sends, under Apache's names (Follower, Observer). Latencies are from the time
 * in a transaction's header, which is the leader's: where the clocks disagree so that they are negative, they are none.
 */
export class LearnerFigures {
  readonly #clock: Clock;
  readonly #isObserver: boolean;
  readonly #syncTime: Summary;
  readonly #proposals: Counter;
  readonly #proposalLatency: Summary;
  readonly #ackLatency: Summary;
  readonly #commits: Counter;
  readonly #queued: Counter;
  readonly #commitLatency: Summary;
  readonly #propagationLatency: Summary;
  readonly #times: ProposalTimes = new ProposalTimes();
  #syncSince: number | undefined = undefined;
  #wallNow = 0;

  constructor(metrics: Metrics, clock: Clock, isObserver: boolean) {
    this.#clock = clock;
    this.#isObserver = isObserver;
    this.#syncTime = metrics.summary(isObserver ? 'observer_sync_time' : 'follower_sync_time');
    this.#proposals = metrics.counter('learner_proposal_received_count');
    this.#proposalLatency = metrics.summary('proposal_latency');
    this.#ackLatency = metrics.summary('proposal_ack_creation_latency');
    this.#commits = metrics.counter('learner_commit_received_count');
    this.#queued = metrics.counter('request_commit_queued');
    this.#commitLatency = metrics.summary('commit_propagation_latency');
    this.#propagationLatency = metrics.summary('propagation_latency');
  }

  /** The leader has named its epoch. */
  joins(): void {
    this.#syncSince ??= this.#clock.monotonic();
  }

  /** It is up to date. */
  synced(): void {
    if (this.#syncSince !== undefined) this.#syncTime.observe(this.#clock.monotonic() - this.#syncSince);
  }

  /** Up to date, it is sent another transaction. To an observer they come committed. */
  proposed({ zxid, time }: TxnHeader): void {
    if (this.#isObserver) return;
    this.#proposals.add(1);
    this.#times.note(zxid, time);
    observe(this.#proposalLatency, this.#clock.now() - time);
  }

  acked(zxid: number): void {
    const time = this.#times.of(zxid);
    if (time !== undefined) observe(this.#ackLatency, this.#clock.now() - time);
  }

  /** Some transactions are committed, and will be applied. */
  beginCommits(): void {
    this.#wallNow = this.#clock.now();
  }

  applied({ time }: TxnHeader): void {
    this.#commits.add(1);
    this.#queued.add(1);
    observe(this.#commitLatency, this.#wallNow - time);
    observe(this.#propagationLatency, this.#wallNow - time);
  }
}

function observe(latency: Summary, ms: number): void {
  if (ms >= 0) latency.observe(ms);
}
