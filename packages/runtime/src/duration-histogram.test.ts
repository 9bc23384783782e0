import { expect, it } from 'vitest';
import { DurationHistogram } from './duration-histogram.ts';

function bucketsOf(...durations: readonly number[]): Record<string, number> {
  const histogram = new DurationHistogram();
  for (const ms of durations) histogram.observe(ms);
  return Object.fromEntries(histogram.buckets());
}

it('has buckets that double, from 64 microseconds to 16.8 seconds', () => {
  const edges = new DurationHistogram().buckets().map(([seconds]) => seconds);

  expect(edges.slice(0, 3)).toEqual([0.000064, 0.000128, 0.000256]);
  expect(edges.at(-1)).toBe(16.777216);
});

it.each([
  ['nothing at all', 0, 0.000064],
  ['exactly as long as the first edge', 0.064, 0.000064],
  ['a little more', 0.0641, 0.000128],
  ['a millisecond', 1, 0.001024],
  ['exactly an edge', 1.024, 0.001024],
  ['a second', 1000, 1.048576],
  ['the longest that is told', 16_777.216, 16.777216],
])('counts %s at the first edge that is not below it, and all above', (_, ms, edge) => {
  for (const [seconds, count] of Object.entries(bucketsOf(ms)))
    expect([seconds, count]).toEqual([seconds, Number(seconds) >= edge ? 1 : 0]);
});

it('counts what lasted longer than all edges, too', () => {
  const histogram = new DurationHistogram();
  histogram.observe(60_000);
  histogram.observe(5, 16);

  expect([histogram.count, histogram.sumSeconds]).toEqual([17, 60.08]);
  expect(histogram.buckets().at(-1)).toEqual([16.777216, 16]);
});

it('begins anew', () => {
  const histogram = new DurationHistogram();
  histogram.observe(1);
  histogram.clear();

  expect([histogram.count, histogram.sumSeconds]).toEqual([0, 0]);
});
