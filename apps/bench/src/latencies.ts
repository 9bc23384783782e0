import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Counts latencies by how long they took, to three figures. Recording one costs the same however many there were. */
export class Latencies {
  count = 0;
  /** Exact. */
  maxUs = 0;
  readonly #histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: HOUR_US, figures: 3 });

  record(us: number): void {
    this.#histogram.record(Math.min(Math.max(Math.round(us), 1), HOUR_US));
    this.count++;
    if (us > this.maxUs) this.maxUs = us;
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
    this.count += other.count;
    this.maxUs = Math.max(this.maxUs, other.maxUs);
  }

  /** The latency that `share` (above 0, to 1) of all were at or below, in microseconds. 0 where there was none. */
  quantile(share: number): number {
    return Math.min(this.#histogram.percentile(share * 100), this.maxUs);
  }
}

const HOUR_US = 3_600_000_000;
