import type { Clock, Timer } from '../clock.ts';

/** The system's clock: `performance.now` for durations, unref'd timers, `setImmediate` for the next turn. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => new Once(delayMs, callback),
  every: (intervalMs, callback) => new Repeated(intervalMs, callback),
  defer: (callback) => {
    setImmediate(callback);
  },
};

/** The same, but its timers keep the process alive: for a program that has nothing to do but to wait for one. */
export const holdingNodeClock: Clock = {
  ...nodeClock,
  after: (delayMs, callback) => new Once(delayMs, callback, true),
  every: (intervalMs, callback) => new Repeated(intervalMs, callback, true),
};

class Once implements Timer {
  #timeout: NodeJS.Timeout;
  readonly #due: number;
  readonly #callback: () => void;
  readonly #isHolding: boolean;

  constructor(delayMs: number, callback: () => void, isHolding = false) {
    this.#isHolding = isHolding;
    this.#due = performance.now() + delayMs;
    this.#callback = callback;
    this.#timeout = this.#arm(delayMs);
  }

  /**
   * Node measures in whole milliseconds and so may fire up to one early, and it turns a delay beyond 2^31 - 1 into
   * 1: both are met by looking again at the clock that promised.
   */
  #arm(delayMs: number): NodeJS.Timeout {
    const timeout = setTimeout(
      () => {
        const left = this.#due - performance.now();
        if (left > 0) this.#timeout = this.#arm(left);
        else this.#callback();
      },
      Math.min(Math.ceil(delayMs), TIMER_MAX_MS),
    );
    return this.#isHolding ? timeout : timeout.unref();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

class Repeated implements Timer {
  readonly #interval: NodeJS.Timeout;

  constructor(intervalMs: number, callback: () => void, isHolding = false) {
    if (!(intervalMs >= 1 && intervalMs <= TIMER_MAX_MS)) throw new RangeError(`interval ${intervalMs}`);
    this.#interval = setInterval(callback, intervalMs);
    if (!isHolding) this.#interval.unref();
  }

  cancel(): void {
    clearInterval(this.#interval);
  }
}

const TIMER_MAX_MS = 0x7fff_ffff;
