/**
 * How long the other side has been silent. Between two ticks at most one `tickTime` counts: where this very process
 * stood still, what the other side sent meanwhile lies unread on the connection and must be given a chance.
 */
export class Patience {
  readonly #tickMs: number;
  #silentMs = 0;
  #now: number | undefined;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  heard(): void {
    this.#silentMs = 0;
  }

  /** @returns whether the silence has outlasted `limitMs` */
  tick(now: number, limitMs: number): boolean {
    if (this.#now !== undefined) this.#silentMs += Math.min(Math.max(now - this.#now, 0), this.#tickMs);
    this.#now = now;
    return this.#silentMs > limitMs;
  }
}
