import type { Clock, Timer } from '@corral/runtime';

/**
 * The life of a server among others in one process, as its clock sees it: while it is paused, what falls due waits; after
 * its end nothing of it is called any more.
 */
export class ServerProcess {
  readonly clock: Clock;
  #isOver = false;
  #isPaused = false;
  #waiting: (() => void)[] = [];
  readonly #timers: Set<Timer> = new Set();

  constructor(clock: Clock) {
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, callback) => this.#timer(callback, false, (due) => clock.after(ms, due)),
      every: (ms, callback) => this.#timer(callback, true, (due) => clock.every(ms, due)),
      defer: (callback) => clock.defer(() => this.#run(callback)),
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  end(): void {
    this.#isOver = true;
    this.#waiting = [];
    // The process that it is in goes on, and with many of them.
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** What waited runs at once, in the order in which it fell due. */
  resume(): void {
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.#run(task);
  }

  #run(task: () => void): void {
    if (this.#isOver) return;
    if (this.#isPaused) this.#waiting.push(task);
    else task();
  }

  /** However long the pause was, it finds one call waiting. */
  #timer(callback: () => void, isRepeating: boolean, arm: (due: () => void) => Timer): Timer {
    let isWaiting = false;
    let isCancelled = false;
    const timer = arm(() => {
      if (isWaiting) return;
      isWaiting = true;
      if (!isRepeating) this.#timers.delete(timer);
      this.#run(() => {
        isWaiting = false;
        if (!isCancelled) callback();
      });
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        isCancelled = true;
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }
}
