import type { Trail } from './trail.ts';

/**
 * Zxids that nobody is known to have: each transaction that is taken to have happened at some zxid before needs one of
 * its own. They are asked for in the order of their latest possible zxid, so that the smallest is the best to give.
 */
export class FreeZxids {
  /** For each one that is taken, the first behind it that is not. */
  readonly #nextFree: Map<number, number> = new Map();
  readonly #given: Set<number> = new Set();
  readonly #trail: Trail;
  /** How often there was none. */
  refusals = 0;

  constructor(taken: Iterable<number>, trail: Trail) {
    this.#trail = trail;
    const sorted = Float64Array.from(taken).toSorted();
    for (let i = sorted.length - 1; i >= 0; i--) {
      const zxid = sorted[i]!;
      this.#nextFree.set(zxid, this.#nextFree.get(zxid + 1) ?? zxid + 1);
    }
  }

  /** Takes one above the first and not above the second; false where there is none. */
  take(above: number, upTo: number): boolean {
    let zxid = above + 1;
    for (;;) {
      const free = this.#nextFree.get(zxid) ?? zxid;
      if (free > upTo) {
        this.refusals++;
        return false;
      }
      if (free === zxid && !this.#given.has(zxid)) break;
      zxid = free === zxid ? zxid + 1 : free;
    }
    this.#given.add(zxid);
    this.#trail.push(() => this.#given.delete(zxid));
    return true;
  }
}
