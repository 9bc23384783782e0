/** So many in each interval, the intervals laid end to end (`server.util.RateLimiter`). */
export class RateLimiter {
  readonly #max: number;
  readonly #intervalMs: number;
  readonly #now: () => number;
  #beganAt = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @param now monotonic, in milliseconds */
  constructor(max: number, intervalMs: number, now: () => number) {
    this.#max = max;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  allows(): boolean {
    const now = this.#now();
    if (now - this.#beganAt > this.#intervalMs) {
      this.#beganAt = now;
      this.#count = 0;
    }
    return this.#count++ < this.#max;
  }
}
