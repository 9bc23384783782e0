/**
 * As many of a Map or Set as there are when the walk begins, for walks that take many turns. What is taken out and
 * put in again goes to the end each time, so that a walk slower than that would never arrive there; what stays in
 * all the time is met once.
 */
export function* untilNow<T>(all: Iterable<T>, size: number): Iterable<T> {
  let left = size;
  if (left === 0) return;
  for (const one of all) {
    yield one;
    if (--left === 0) return;
  }
}
