/**
 * Time, and the turn of the event loop. Everything above ring 0 gets its time here and nowhere else, so that a
 * simulated clock can run hours in seconds.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970, an integer. It may jump. Only for what people and Stats see. */
  now(): number;
  /** Milliseconds since some fixed point, never going back. Deadlines and durations are measured with this. */
  monotonic(): number;
  /** Calls `callback` once, not before `delayMs` (0 or more) have passed. It does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls `callback` again and again, `intervalMs` (1 or more) apart. It does not keep the process alive. */
  every(intervalMs: number, callback: () => void): Timer;
  /**
   * Calls `callback` in the next turn of the event loop: after what is waiting now (bytes that arrived, timers
   * that are due) has been handled. Long work is cut into slices with it.
   */
  defer(callback: () => void): void;
}

export interface Timer {
  /** The callback will not be called again. Harmless when it was called or cancelled before. */
  cancel(): void;
}
