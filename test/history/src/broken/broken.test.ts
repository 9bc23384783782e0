import { checkHistory } from '@corral/testing';
import { describe, expect, test } from 'vitest';
import { referenceHistory } from '../reference/reference-ensemble.ts';
import { mutations } from './mutations.ts';

/** Where a write's answer is lost, or a session expires, nobody knows the zxid: some faults can hide there. */
const calm = [1, 2, 3].map((seed) => referenceHistory({ seed, requests: 2000, isCalm: true }));
const stormy = [4, 5, 6].map((seed) => referenceHistory({ seed, requests: 2000 }));

describe('a history is rejected, by the rule and with its records, where', () => {
  test.for(mutations)('$name: $rule', (mutation) => {
    const histories = calm.some((history) => mutation.places(history).length > 0) ? calm : stormy;
    const tried = histories.flatMap((history) => {
      const places = mutation.places(history);
      const chosen = new Set([places[0], places[Math.floor(places.length / 2)], places.at(-1)]);
      return [...chosen].filter((place) => place !== undefined).map((place) => ({ history, place }));
    });
    const accepted = tried.filter(({ history, place }) => {
      const found = checkHistory(mutation.breakAt(history, place), { sync: 'quorum' });
      return !found.some(
        ({ rule, text, records }) =>
          (rule === mutation.rule || (rule === 'read-your-writes' && mutation.rule === 'lost-write')) &&
          text !== '' &&
          records.length > 0,
      );
    });

    expect(tried.length).toBeGreaterThan(0);
    expect(accepted.map(({ place }) => place)).toEqual([]);
  });
});
