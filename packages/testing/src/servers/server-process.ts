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

  constructor(clock: Clock) {
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, callback) => this.#timer(callback, (due) => clock.after(ms, due)),
      every: (ms, callback) => this.#timer(callback, (due) => clock.every(ms, due)),
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
  #timer(callback: () => void, arm: (due: () => void) => Timer): Timer {
    let isWaiting = false;
    let isCancelled = false;
    const timer = arm(() => {
      if (isWaiting) return;
      isWaiting = true;
      this.#run(() => {
        isWaiting = false;
        if (!isCancelled) callback();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        timer.cancel();
      },
    };
  }
}
