import {
  checkHistory,
  type CommittedTransaction,
  type HistoryRecord,
  simulate,
  stormExpirySlackMs,
} from '@corral/testing';
import { describe, expect, test } from 'vitest';

const first = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 1e6));
const count = Number(process.env['HISTORY_SIMULATIONS'] ?? 4);

describe('the checker accepts what clients see of simulated ensembles in the standard storm', () => {
  const seeds = Array.from({ length: count }, (_, i) => first + i);
  console.log(`seeds ${first} to ${seeds.at(-1)}: HISTORY_SEED=${first} repeats them`);

  test.for(seeds)('seed %i: three voters and an observer, a twentieth of an hour', async (seed) => {
    const history: HistoryRecord[] = [];
    const committed: CommittedTransaction[] = [];
    await simulate({
      seed,
      servers: 3,
      observers: 1,
      hours: 0.05,
      history: (record) => void history.push(record),
      committed: (transaction) => void committed.push(transaction),
    });

    const options = { sync: 'quorum', expirySlackMs: stormExpirySlackMs } as const;
    expect(checkHistory(history, options)).toEqual([]);
    expect(checkHistory(history, { ...options, committed })).toEqual([]);
  });
});
