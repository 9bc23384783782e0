/**
 * Resolves when no promise callback is left to run. It does not let the event loop turn, which would cost many times as
 * much; what waits for the world outside this process gets its chance with `eventLoopTurn`.
 */
export function promiseCallbacks(): Promise<void> {
  // Promise callbacks run until there are none, and only then what the next tick has been asked to do.
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}

/** Timers, signals and input of this process have been looked at once, and all promise callbacks have run. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
