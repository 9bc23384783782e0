/**
 * Counts latencies by how long they took: exact below 64 microseconds, within 1/32 above, up to an hour. Recording
 * one costs the same however many there were.
 */
export class Latencies {
  count = 0;
  maxUs = 0;
  readonly #buckets = new Float64Array(64 + 32 * 27);

  record(us: number): void {
    const value = Math.max(0, Math.round(us));
    this.#buckets[Math.min(bucketOf(value), this.#buckets.length - 1)]! += 1;
    this.count++;
    if (value > this.maxUs) this.maxUs = value;
  }

  /** The latency that `share` (0 to 1) of all were at or below, in microseconds. 0 where there was none. */
  quantile(share: number): number {
    const wanted = share * this.count;
    let seen = 0;
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      seen += this.#buckets[bucket]!;
      if (seen >= wanted && seen > 0) return Math.min(upperEnd(bucket), this.maxUs);
    }
    return 0;
  }
}

function bucketOf(us: number): number {
  if (us < 64) return us;
  const exponent = Math.floor(Math.log2(us));
  return (exponent - 6) * 32 + 64 + Math.floor((us / 2 ** exponent - 1) * 32);
}

/** The largest value that falls into the bucket. */
function upperEnd(bucket: number): number {
  if (bucket < 64) return bucket;
  const exponent = Math.floor((bucket - 64) / 32) + 6;
  return Math.floor(2 ** exponent * (1 + (((bucket - 64) % 32) + 1) / 32)) - 1;
}
