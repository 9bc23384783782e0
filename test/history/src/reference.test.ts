import { checkHistory } from '@corral/testing';
import { describe, expect, test } from 'vitest';
import { referenceHistory } from './reference/reference-ensemble.ts';

const first = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 1e6));

describe('the checker accepts every history of an ensemble that cannot be wrong', () => {
  const seeds = Array.from({ length: 12 }, (_, i) => first + i);
  console.log(`seeds ${seeds[0]} to ${seeds.at(-1)}: HISTORY_SEED=${first} repeats them`);

  test.for(seeds)('seed %i: 3000 requests of five clients', (seed) => {
    const history = referenceHistory({ seed, requests: 3000 });

    expect(checkHistory(history, { sync: 'quorum' }).map(({ rule, text }) => `${rule}: ${text}`)).toEqual([]);
  });
});
