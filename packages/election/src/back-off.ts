/** How long to wait for an answer before speaking again: twice as long each time, up to a bound. */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #waitMs: number;

  constructor(minMs: number, maxMs: number) {
    this.#minMs = minMs;
    this.#maxMs = Math.max(minMs, maxMs);
    this.#waitMs = minMs;
  }

  get waitMs(): number {
    return this.#waitMs;
  }

  reset(): void {
    this.#waitMs = this.#minMs;
  }

  grow(): void {
    this.#waitMs = Math.min(this.#waitMs * 2, this.#maxMs);
  }
}
