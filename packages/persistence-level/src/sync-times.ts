import {
  noMetrics,
  silentLogger,
  type Counter,
  type Logger,
  type Metrics,
  type Summary,
} from '@corral/runtime';

export interface SyncTimesOptions {
  readonly logger?: Logger;
  /** Gets `fsynctime` (ms) and `fsync_threshold_exceed_count`. */
  readonly metrics?: Metrics;
  /** A sync of the log that takes longer is logged (fsync.warningthresholdms). */
  readonly fsyncWarningThresholdMs?: number;
}

/** How long the syncs of the log take: under Apache's names, and with a warning where it is too long. */
export class SyncTimes {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #warningThresholdMs: number;
  readonly #time: Summary;
  readonly #thresholdExceeded: Counter;

  constructor(file: string, options: SyncTimesOptions) {
    const metrics = options.metrics ?? noMetrics();
    this.#file = file;
    this.#logger = options.logger ?? silentLogger;
    this.#warningThresholdMs = options.fsyncWarningThresholdMs ?? 1000;
    this.#time = metrics.summary('fsynctime');
    this.#thresholdExceeded = metrics.counter('fsync_threshold_exceed_count');
  }

  /** LevelDB writes and syncs in one go: a write is in it. */
  readonly note = (tookMs: number): void => {
    this.#time.observe(tookMs);
    if (tookMs <= this.#warningThresholdMs) return;
    this.#thresholdExceeded.add();
    this.#logger.warn(
      { file: this.#file, tookMs: Math.round(tookMs) },
      'syncing the transaction log took long; every write waits for it',
    );
  };
}
