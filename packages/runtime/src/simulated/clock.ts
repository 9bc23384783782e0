import type { Clock, Timer } from '../clock.ts';
import { eventLoopTurn, promiseCallbacks } from '../node/promise-callbacks.ts';

/**
 * A clock that stands still until it is told to go on, and then calls what is due in one order only: by time, and
 * what is due at the same time in the order it was asked for. Deferred callbacks run after the timers that are due,
 * first come first served; what they defer runs in a turn of its own.
 *
 * `advance` and `runUntilIdle` go on without a break, so promise callbacks wait until they return. Where promises
 * are at work use `advanceAsync` or `until`: they let all promise callbacks run after each turn.
 */
export class SimulatedClock implements Clock {
  #wallOffset: number;
  #elapsed = 0;
  #sequence = 0;
  readonly #timers = new TimerHeap();
  #deferred: (() => void)[] = [];
  #turnsAtOneTime = 0;

  /** @param startMs the wall clock at the beginning, in milliseconds since 1970 */
  constructor(startMs: number) {
    this.#wallOffset = startMs;
  }

  now(): number {
    return Math.floor(this.#wallOffset + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#arm(delayMs, 0, callback);
  }

  every(intervalMs: number, callback: () => void): Timer {
    if (!(intervalMs >= 1)) throw new RangeError(`interval ${intervalMs}`);
    return this.#arm(intervalMs, intervalMs, callback);
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback);
  }

  /** Lets `ms` pass and calls all that falls due meanwhile, each at its time. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    while (this.#turn(end));
  }

  /** Goes on until nothing is left to do but repeating timers. @throws Error when that takes longer than `limitMs` */
  runUntilIdle(limitMs: number = LIMIT_MS): void {
    const end = this.#elapsed + limitMs;
    while (!this.#isIdle()) if (!this.#turn(end)) throw new Error(`still busy after ${limitMs} ms`);
  }

  /** As `advance`, for what works with promises. The event loop of the process turns once, at the beginning. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await eventLoopTurn();
    do await promiseCallbacks();
    while (this.#turn(end));
  }

  /** Goes on until `promise` has settled, and settles as it does. Rejects when that takes longer than `limitMs`. */
  async until<T>(promise: Promise<T>, limitMs: number = LIMIT_MS): Promise<T> {
    const end = this.#elapsed + limitMs;
    const watch = { isSettled: false };
    const settle = (): void => void (watch.isSettled = true);
    promise.then(settle, settle);
    await eventLoopTurn();
    while (!watch.isSettled) {
      if (!this.#turn(end)) throw new Error(`not settled after ${limitMs} ms`);
      await eventLoopTurn();
    }
    return promise;
  }

  /** Lets `ms` pass during which nothing runs, as in a process that was stopped. What fell due runs late. */
  stall(ms: number): void {
    this.#elapsed += ms;
  }

  /** Sets the wall clock forward, or back. Durations and timers do not notice. */
  jumpWallClock(ms: number): void {
    this.#wallOffset += ms;
  }

  #arm(delayMs: number, intervalMs: number, callback: () => void): Timer {
    if (!(delayMs >= 0)) throw new RangeError(`delay ${delayMs}`);
    const timer = new SimulatedTimer(this.#elapsed + delayMs, ++this.#sequence, intervalMs, callback);
    this.#timers.push(timer);
    return timer;
  }

  #isIdle(): boolean {
    return this.#deferred.length === 0 && !this.#timers.hasOnce();
  }

  /** One turn of the event loop, at the time when there is something to do. False: there is nothing until `end`. */
  #turn(end: number): boolean {
    if (this.#deferred.length === 0) {
      const next = this.#timers.peek();
      if (next === undefined || next.due > end) {
        this.#elapsed = Math.max(this.#elapsed, end);
        return false;
      }
      if (next.due > this.#elapsed) {
        this.#elapsed = next.due;
        this.#turnsAtOneTime = 0;
      }
    }
    if (++this.#turnsAtOneTime > TURNS_MAX) throw new Error(`${TURNS_MAX} turns and the time stands still`);
    this.#runTimers();
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const callback of deferred) callback();
    return true;
  }

  #runTimers(): void {
    // A timer set from here on belongs to the next turn, even with no delay.
    const last = this.#sequence;
    for (;;) {
      const timer = this.#timers.peek();
      if (timer === undefined || timer.due > this.#elapsed || timer.sequence > last) return;
      this.#timers.pop();
      if (timer.intervalMs > 0) {
        timer.due = this.#elapsed + timer.intervalMs;
        timer.sequence = ++this.#sequence;
        this.#timers.push(timer);
      }
      timer.callback();
    }
  }
}

class SimulatedTimer implements Timer {
  due: number;
  sequence: number;
  /** 0: it fires once. */
  readonly intervalMs: number;
  readonly callback: () => void;
  isCancelled = false;

  constructor(due: number, sequence: number, intervalMs: number, callback: () => void) {
    this.due = due;
    this.sequence = sequence;
    this.intervalMs = intervalMs;
    this.callback = callback;
  }

  cancel(): void {
    this.isCancelled = true;
  }

  isBefore(other: SimulatedTimer): boolean {
    return this.due < other.due || (this.due === other.due && this.sequence < other.sequence);
  }
}

/** The earliest timer first. Cancelled ones are dropped when they come to the top. */
class TimerHeap {
  readonly #heap: SimulatedTimer[] = [];

  peek(): SimulatedTimer | undefined {
    while (this.#heap[0]?.isCancelled) this.pop();
    return this.#heap[0];
  }

  hasOnce(): boolean {
    return this.#heap.some((timer) => timer.intervalMs === 0 && !timer.isCancelled);
  }

  push(timer: SimulatedTimer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!timer.isBefore(heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  pop(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.isBefore(heap[child]!)) child++;
      if (!heap[child]!.isBefore(moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }
}

/** An hour: no test of one thing takes longer. */
const LIMIT_MS = 3_600_000;
/** Turns without the time going on, before it is called an endless loop. */
const TURNS_MAX = 1_000_000;
