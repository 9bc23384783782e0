/**
 * Time in halves of a tick, the pace at which a leader pings. Limits are counted in beats, not milliseconds: while this
 * server stands still (a pause, a slow collection of garbage) at most one beat passes, and what learners sent meanwhile
 * lies unread.
 */
export class Beats {
  readonly #halfTickMs: number;
  #nextAt: number | undefined = undefined;
  #count = 0;

  constructor(tickMs: number) {
    this.#halfTickMs = tickMs / 2;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether a beat has come. Time begins with the first call. */
  pass(now: number): boolean {
    if (this.#nextAt === undefined) {
      this.#nextAt = now + this.#halfTickMs;
      return false;
    }
    if (now < this.#nextAt) return false;
    const next = this.#nextAt + this.#halfTickMs;
    this.#nextAt = next > now ? next : now + this.#halfTickMs;
    this.#count += 1;
    return true;
  }
}
