/**
 * Counts of integers, 0 or more, in buckets that widen with the value: exact below 64, within 1/32 of the value
 * above. Adding costs the same however many were added before, and the memory is fixed (12 KiB).
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #max = 0;

  add(value: number, count = 1): void {
    this.#counts[bucketOf(value)]! += count;
    this.#total += count;
    if (value > this.#max) this.#max = value;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#max = 0;
  }

  /**
   * The value below which the share `quantile` (0 to 1) of all values lies, interpolated between neighbours as
   * Dropwizard's UniformSnapshot does, which Apache uses; 0 when there are none.
   */
  quantile(quantile: number): number {
    if (this.#total === 0) return 0;
    const position = quantile * (this.#total + 1);
    const rank = Math.min(Math.max(Math.floor(position), 1), this.#total);
    const lower = this.#valueAt(rank);
    if (position < 1 || rank === this.#total) return lower;
    return lower + (position - rank) * (this.#valueAt(rank + 1) - lower);
  }

  /** @param rank 1 for the smallest value */
  #valueAt(rank: number): number {
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(valueOf(bucket), this.#max);
    }
    return 0;
  }
}

/** Values below 2^(STEPS_BITS + 1) have a bucket each; every doubling above has 2^STEPS_BITS of them. */
const STEPS_BITS = 5;
const STEPS = 1 << STEPS_BITS;
const VALUE_MAX = 2 ** 40 - 1;
const BUCKETS = (40 - STEPS_BITS + 1) * STEPS;

function bucketOf(value: number): number {
  if (value < 2 * STEPS) return value > 0 ? Math.floor(value) : 0;
  const bounded = Math.min(value, VALUE_MAX);
  const exponent = exponentOf(bounded);
  return (exponent - STEPS_BITS) * STEPS + Math.floor(bounded / 2 ** (exponent - STEPS_BITS));
}

function valueOf(bucket: number): number {
  if (bucket < 2 * STEPS) return bucket;
  const doublings = Math.floor(bucket / STEPS) - 1;
  const width = 2 ** doublings;
  return ((bucket % STEPS) + STEPS) * width + width / 2;
}

/** The exponent of the highest bit, for 1 to 2^40 - 1. */
function exponentOf(value: number): number {
  return value < 0x1_0000_0000 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / 0x1_0000_0000);
}
