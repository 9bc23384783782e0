import { checkHistory } from '@corral/testing';
import { describe, expect, test } from 'vitest';
import { referenceHistory } from './reference/reference-ensemble.ts';

const first = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 1e6));
const storms = Number(process.env['HISTORY_STORMS'] ?? 24);

describe('the checker accepts histories of an ensemble that cannot be wrong', () => {
  const calm = Array.from({ length: 12 }, (_, i) => first + i);
  const stormy = Array.from({ length: storms }, (_, i) => first + i);
  console.log(`seeds from ${first}, ${storms} of them storms: HISTORY_SEED=${first} repeats them`);

  test.for(calm)('seed %i: 3000 requests of five clients, all answered', (seed) => {
    expect(complaints(seed, true)).toEqual([]);
  });

  test.for(stormy)('seed %i, with lost answers and expired sessions', (seed) => {
    expect(complaints(seed, false, true)).toEqual([]);
  });

  // Those that were rejected, each for another reason, by the checker as it was before it could go back.
  test.for([42, 73, 76, 110, 141, 277_526, 277_527])('seed %i, which wants a second look', (seed) => {
    expect(complaints(seed, false)).toEqual([]);
  });

  // Unanswered writes that nobody sees any more but by a counter; names without an owner; nodes that a multi makes anew.
  test.for([307, 328, 544, 690, 818, 896, 1066, 1310, 11_132])(
    'seed %i, where little is left to see of what happened',
    (seed) => {
      expect(complaints(seed, false)).toEqual([]);
    },
  );
});

/** One storm in a thousand is so ambiguous that a search ends at its bound. */
function complaints(seed: number, isCalm: boolean, mayBeUndecided = false): string[] {
  const history = referenceHistory({ seed, requests: 3000, isCalm });
  const undecided: string[] = [];
  const violations = checkHistory(history, {
    sync: 'quorum',
    onUndecided: (text) => undecided.push(`undecided: ${text}`),
  });
  if (mayBeUndecided && undecided.length > 0) console.log(`seed ${seed}: ${undecided.join('; ')}`);
  return [...violations.map(({ rule, text }) => `${rule}: ${text}`), ...(mayBeUndecided ? [] : undecided)];
}
