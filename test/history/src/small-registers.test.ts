import { checkHistory } from '@corral/testing';
import { expect, test } from 'vitest';
import { isExplicable, registerHistory } from './small-registers.ts';

const first = Number(process.env['HISTORY_SEED'] ?? Math.floor(Math.random() * 1e6));
const COUNT = 3000;

test('on one register the checker says what trying everything says', () => {
  console.log(`seeds from ${first}: HISTORY_SEED=${first} repeats them`);
  const verdicts = Array.from({ length: COUNT }, (_, i) => {
    const history = registerHistory(first + i);
    return { seed: first + i, accepted: checkHistory(history).length === 0, good: isExplicable(history) };
  });
  const bad = verdicts.filter(({ good }) => !good);

  expect(verdicts.filter(({ accepted, good }) => good && !accepted)).toEqual([]);
  // One in a thousand passes: it takes less for impossible than there is, and never more.
  expect(bad.filter(({ accepted }) => accepted).length).toBeLessThan(bad.length / 100);
  expect(bad.length).toBeGreaterThan(COUNT / 10);
  expect(verdicts.length - bad.length).toBeGreaterThan(COUNT / 4);
});
