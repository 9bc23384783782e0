import type { Durations } from './metrics.ts';

/**
 * Durations counted in buckets that double from 64 microseconds to 16.8 seconds: the same on every server, so that they may
 * be added up. Observing costs the same always.
 */
export class DurationHistogram implements Durations {
  readonly #counts = new Float64Array(EDGES_SECONDS.length + 1);
  #sumMs = 0;

  observe(ms: number, weight = 1): void {
    this.#counts[bucketOf(ms)]! += weight;
    this.#sumMs += ms * weight;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#sumMs = 0;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  get sumSeconds(): number {
    return this.#sumMs / 1000;
  }

  /** How many lasted so long or less, for each edge. */
  buckets(): readonly (readonly [seconds: number, count: number])[] {
    let count = 0;
    return EDGES_SECONDS.map((edge, at) => [edge, (count += this.#counts[at]!)]);
  }
}

const FIRST_EXPONENT = 6;
const LAST_EXPONENT = 24;
const MICROSECONDS_MAX = 2 ** LAST_EXPONENT;
const EDGES_SECONDS: readonly number[] = Array.from(
  { length: LAST_EXPONENT - FIRST_EXPONENT + 1 },
  (_, i) => 2 ** (FIRST_EXPONENT + i) / 1e6,
);

/** That of the first edge that is not below it; one more where there is none. */
function bucketOf(ms: number): number {
  const microseconds = ms * 1000;
  if (microseconds > MICROSECONDS_MAX) return EDGES_SECONDS.length;
  if (microseconds <= 1) return 0;
  const exponent = 32 - Math.clz32(Math.ceil(microseconds) - 1);
  return exponent <= FIRST_EXPONENT ? 0 : exponent - FIRST_EXPONENT;
}
