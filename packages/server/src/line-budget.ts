import type { Clock } from '@corral/runtime';

/** How many lines of one kind a log gets in a second: whoever causes them is not to fill the disk. */
export class LineBudget {
  readonly #clock: Clock;
  readonly #linesMax: number;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #unlogged = 0;

  constructor(clock: Clock, linesMax: number) {
    this.#clock = clock;
    this.#linesMax = linesMax;
  }

  /** How many lines were left out before this one; undefined where this one is to be left out. */
  take(): number | undefined {
    const now = this.#clock.monotonic();
    if (now >= this.#second + 1000) {
      this.#second = now;
      this.#lines = 0;
    }
    if (this.#lines === this.#linesMax) {
      this.#unlogged++;
      return undefined;
    }
    this.#lines++;
    const unlogged = this.#unlogged;
    this.#unlogged = 0;
    return unlogged;
  }
}
