import type { Clock, Timer } from '../clock.ts';

/**
 * A page's clock. Browsers let timers of a tab in the background ring once a second, later once a minute; the next turn comes
 * by a message to itself, which they leave alone.
 */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback) => new Once(delayMs, callback),
  every(intervalMs, callback) {
    if (!(intervalMs >= 1 && intervalMs <= TIMER_MAX_MS)) throw new RangeError(`interval ${intervalMs}`);
    const interval = setInterval(callback, intervalMs);
    return { cancel: () => clearInterval(interval) };
  },
  defer(callback) {
    deferred.push(callback);
    turns ??= openTurns();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of windows has one, that of ports has none
    turns.postMessage(undefined);
  },
};

class Once implements Timer {
  #timeout: ReturnType<typeof setTimeout>;
  readonly #due: number;
  readonly #callback: () => void;

  constructor(delayMs: number, callback: () => void) {
    this.#due = performance.now() + delayMs;
    this.#callback = callback;
    this.#timeout = this.#arm(delayMs);
  }

  /** Rounded clocks may ring early, and a delay beyond 2^31 - 1 is none: both are met by looking again. */
  #arm(delayMs: number): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => {
        const left = this.#due - performance.now();
        if (left > 0) this.#timeout = this.#arm(left);
        else this.#callback();
      },
      Math.min(Math.ceil(delayMs), TIMER_MAX_MS),
    );
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }
}

/** One message for each, in order. */
const deferred: (() => void)[] = [];
let turns: MessagePort | undefined;

function openTurns(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- only this way it begins by itself
  port1.onmessage = () => deferred.shift()?.();
  return port2;
}

const TIMER_MAX_MS = 0x7fff_ffff;
