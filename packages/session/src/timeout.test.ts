import { expect, it } from 'vitest';
import { negotiateTimeout } from './index.ts';

it.each([
  [10_000, 10_000],
  [4000, 4000],
  [3999, 4000],
  [0, 4000],
  [-1, 4000],
  [40_000, 40_000],
  [40_001, 40_000],
  [2 ** 31 - 1, 40_000],
])('a client that asks for %d ms where 4 to 40 s are allowed gets %d', (requested, negotiated) => {
  expect(negotiateTimeout(requested, 4000, 40_000)).toBe(negotiated);
});

it('the upper limit wins where the limits cross', () => {
  expect(negotiateTimeout(5000, 8000, 6000)).toBe(6000);
});
