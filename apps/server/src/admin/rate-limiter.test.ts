import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

it('lets so many through in each interval, and the first at once', () => {
  let now = 0;
  const limiter = new RateLimiter(1, 300_000, () => now);
  expect([limiter.allows(), limiter.allows()]).toEqual([true, false]);
  now = 300_000;
  expect(limiter.allows()).toBe(false);
  now = 300_001;
  expect([limiter.allows(), limiter.allows()]).toEqual([true, false]);
});
