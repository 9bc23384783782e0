import { counterOf, epochOf, type Zxid } from '@corral/protocol';

/**
 * Whether a log may hold `next` directly behind `last`: the next of the same epoch, or the first of a later one.
 * Every write takes a zxid and every zxid taken is logged, failed writes included, so anything else is a hole.
 */
export function isContiguous(last: Zxid, next: Zxid): boolean {
  if (next === last + 1) return true;
  return epochOf(next) > epochOf(last) && counterOf(next) === FIRST_COUNTER;
}

const FIRST_COUNTER = 1;
