import type { TxnLog } from '@corral/persistence';
import type { Zxid } from '@corral/protocol';
import type { Clock, Counter, Durations, Metrics, Summary } from '@corral/runtime';

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
 * Group commit over the local log: one sync for all that has gathered.
 *
 * While syncs are short beside the work on what they cover, the next one begins before that work, and even within a
 * turn that brings a lot: the medium and this thread are both busy all the time. Clients then fall into two groups
 * that take turns. While syncs are long that would be half of what one can carry, so the next one waits for the
 * answers of the last to bring new requests: all clients share each.
 */
export class DurableLog implements CommitPath {
  readonly #log: TxnLog;
  readonly #clock: Clock;
  readonly #listener: CommitListener;
  readonly #syncTime: Summary;
  readonly #syncs: Durations;
  readonly #batchSize: Summary;
  readonly #queued: Counter;
  readonly #queueSize: Summary;
  readonly #queueTime: Summary;
  readonly #queueAndSyncTime: Summary;
  #proposed: Zxid;
  /** The last of the batch being synced. */
  #syncing: Zxid;
  /** When those of that batch were proposed. */
  #syncingSince: Times = new Times();
  /** When those were that have been proposed since that batch began. */
  #gathered: Times = new Times();
  #isScheduled = false;
  /** What had been gathered when the last turn was over. */
  #gatheredBefore = 0;
  #isRunning = false;
  #hasFailed = false;
  #startedAt = 0;
  /** The last sync, compared with the work on what it covered. */
  #isLong = false;
  /** How long the last batch took to be applied and answered, in milliseconds. */
  #workMs = 0;

  constructor(log: TxnLog, clock: Clock, metrics: Metrics, listener: CommitListener) {
    this.#log = log;
    this.#clock = clock;
    this.#listener = listener;
    this.#syncTime = metrics.summary('sync_processor_queue_flush_time_ms');
    this.#syncs = metrics.durations('corral_log_sync_seconds');
    this.#batchSize = metrics.summary('sync_processor_batch_size');
    this.#queued = metrics.counter('sync_processor_request_queued');
    this.#queueSize = metrics.summary('sync_processor_queue_size');
    this.#queueTime = metrics.summary('sync_processor_queue_time_ms');
    this.#queueAndSyncTime = metrics.summary('sync_processor_queue_and_flush_time_ms');
    metrics.gauge('corral_log_queue_length', () => this.#unsynced);
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
    this.#queued.add(1);
    this.#queueSize.observe(this.#gathered.count);
    this.#gathered.add(this.#clock.monotonic());
    if (this.#isRunning) return;
    if (this.#gathered.count >= EARLY_ENTRIES && !this.#isLong) this.#begin();
    else this.#schedule();
  }

  /** Transactions that are not on the medium yet. */
  get #unsynced(): number {
    return this.#gathered.count + (this.#isRunning ? this.#syncingSince.count : 0);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#gatheredBefore = 0;
    this.#clock.defer(this.#beginWhenGathered);
  }

  /** What comes with a turn of its own each, as connections do, waits for one another up to the size of the last batch. */
  readonly #beginWhenGathered = (): void => {
    const { count } = this.#gathered;
    if (this.#isRunning || count === this.#gatheredBefore || count >= this.#syncingSince.count) {
      this.#begin();
      return;
    }
    this.#gatheredBefore = count;
    this.#clock.defer(this.#beginWhenGathered);
  };

  readonly #begin = (): void => {
    this.#isScheduled = false;
    if (this.#hasFailed || this.#isRunning || this.#gathered.count === 0) return;
    this.#isRunning = true;
    this.#startedAt = this.#clock.monotonic();
    this.#syncing = this.#proposed;
    const batch = this.#gathered;
    this.#gathered = this.#syncingSince.clear();
    this.#syncingSince = batch;
    for (let i = 0; i < batch.count; i++) this.#queueTime.observe(this.#startedAt - batch.at(i));
    this.#log.sync().then(this.#succeeded, this.#failed);
  };

  readonly #succeeded = (): void => {
    if (this.#hasFailed) return;
    const now = this.#clock.monotonic();
    const batch = this.#syncingSince;
    this.#syncTime.observe(now - this.#startedAt);
    this.#syncs.observe(now - this.#startedAt);
    this.#batchSize.observe(batch.count);
    for (let i = 0; i < batch.count; i++) this.#queueAndSyncTime.observe(now - batch.at(i));
    const durable = this.#syncing;
    this.#isRunning = false;
    this.#isLong = now - this.#startedAt > this.#workMs * LONG_SYNC_RATIO;
    if (!this.#isLong) this.#begin();
    this.#listener.onCommitted(durable);
    this.#workMs = this.#clock.monotonic() - now;
    if (this.#gathered.count > 0 && !this.#isRunning) this.#schedule();
  };

  readonly #failed = (cause: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#listener.onCommitFailed(cause);
  };
}

/** Monotonic milliseconds, in memory that is used again: at most what was proposed while one sync ran. */
class Times {
  count = 0;
  #times: Float64Array = new Float64Array(EARLY_ENTRIES);

  add(time: number): void {
    if (this.count === this.#times.length) {
      const longer = new Float64Array(this.count * 2);
      longer.set(this.#times);
      this.#times = longer;
    }
    this.#times[this.count++] = time;
  }

  at(index: number): number {
    return this.#times[index]!;
  }

  clear(): this {
    this.count = 0;
    return this;
  }
}

/** So many entries do not wait for the end of their turn. */
const EARLY_ENTRIES = 500;
/** Preparing a batch takes about as long as applying it, and a whole batch is two halves. */
const LONG_SYNC_RATIO = 4;
