import type { TxnLog } from '@corral/persistence';
import type { Zxid } from '@corral/protocol';
import type { Clock, Metrics, Summary } from '@corral/runtime';

/**
 * How a proposed transaction becomes a committed one. Standalone, what is durable here is committed (`DurableLog`);
 * in an ensemble ZAB stands in this place, and nothing around it moves.
 */
export interface CommitPath {
  /**
   * Takes the next transaction, with a zxid above all before. `entry` is copied before this returns. Its commit is
   * announced later, in another turn, together with all before it.
   */
  propose(zxid: Zxid, entry: Uint8Array): void;
}

/** Who is told. Never called from within `propose`. */
export interface CommitListener {
  /** Everything proposed up to `zxid` is committed. */
  onCommitted(zxid: Zxid): void;
  /** Nothing will be committed any more: nobody knows what is on the medium. */
  onCommitFailed(cause: unknown): void;
}

/**
 * Group commit over the local log. What is proposed in one turn of the event loop shares a sync, begun when that turn
 * is over or when there is enough of it; what comes while a sync runs gathers for the next.
 */
export class DurableLog implements CommitPath {
  readonly #log: TxnLog;
  readonly #clock: Clock;
  readonly #listener: CommitListener;
  readonly #syncTime: Summary;
  readonly #batchSize: Summary;
  #proposed: Zxid;
  /** The last of the batch being synced, and how many it has. */
  #syncing: Zxid;
  #syncingCount = 0;
  /** Proposed since that batch began. */
  #gathered = 0;
  #isScheduled = false;
  #isRunning = false;
  #hasFailed = false;
  #startedAt = 0;

  constructor(log: TxnLog, clock: Clock, metrics: Metrics, listener: CommitListener) {
    this.#log = log;
    this.#clock = clock;
    this.#listener = listener;
    this.#syncTime = metrics.summary('sync_processor_queue_flush_time_ms');
    this.#batchSize = metrics.summary('sync_processor_batch_size');
    this.#proposed = this.#syncing = log.lastZxid;
  }

  propose(zxid: Zxid, entry: Uint8Array): void {
    if (this.#hasFailed) return;
    try {
      this.#log.append(zxid, entry);
    } catch (cause) {
      // Told in a turn of its own, like every other failure.
      this.#hasFailed = true;
      this.#clock.defer(() => this.#listener.onCommitFailed(cause));
      return;
    }
    this.#proposed = zxid;
    this.#gathered++;
    if (this.#isRunning) return;
    if (this.#gathered >= EARLY_ENTRIES) this.#begin();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#clock.defer(this.#begin);
    }
  }

  readonly #begin = (): void => {
    this.#isScheduled = false;
    if (this.#hasFailed || this.#isRunning || this.#gathered === 0) return;
    this.#isRunning = true;
    this.#startedAt = this.#clock.monotonic();
    this.#syncing = this.#proposed;
    this.#syncingCount = this.#gathered;
    this.#gathered = 0;
    this.#log.sync().then(this.#succeeded, this.#failed);
  };

  readonly #succeeded = (): void => {
    if (this.#hasFailed) return;
    this.#syncTime.observe(this.#clock.monotonic() - this.#startedAt);
    this.#batchSize.observe(this.#syncingCount);
    const durable = this.#syncing;
    this.#isRunning = false;
    // The medium works on the next batch while this one is applied.
    this.#begin();
    this.#listener.onCommitted(durable);
  };

  readonly #failed = (cause: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#listener.onCommitFailed(cause);
  };
}

/**
 * So many entries do not wait for the end of the turn: the medium begins with them while the rest of the turn's
 * requests are prepared, and clients that all wait for one batch do not leave us idle.
 */
const EARLY_ENTRIES = 500;
