import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';
import { SimulatedRandom } from './simulated/index.ts';

const QUANTILES = [0, 0.01, 0.5, 0.95, 0.99, 0.999, 1];

describe('a histogram', () => {
  it('is exact for values below 64, whatever their order', () => {
    const random = new SimulatedRandom(3);
    const values = Array.from({ length: 1000 }, () => random.below(64));
    for (const quantile of QUANTILES)
      expect(filled(values).quantile(quantile)).toBe(plainQuantile(values, quantile));
  });

  it('is within 1/32 of the value above', () => {
    const random = new SimulatedRandom(4);
    const values = Array.from({ length: 1000 }, () => random.below(2 ** (1 + random.below(32))));
    for (const quantile of QUANTILES) {
      const exact = plainQuantile(values, quantile);
      expect(Math.abs(filled(values).quantile(quantile) - exact)).toBeLessThanOrEqual(exact / 32);
    }
  });

  it('takes any number there is', () => {
    const values = [0, -5, 0.7, 63, 64, 65, 2 ** 31, 2 ** 32, 2 ** 40 - 1, 2 ** 40, 2 ** 53, Infinity];
    for (const value of values) {
      const histogram = filled([value]);
      const shown = histogram.quantile(0.5);
      expect(shown).toBeGreaterThanOrEqual(0);
      expect(shown).toBeLessThan(2 ** 40);
    }
  });

  it('never shows more than its greatest value', () => {
    expect(filled([992]).quantile(0.5)).toBe(992);
  });

  it('is empty at first and after clear', () => {
    const histogram = filled([5, 6]);
    histogram.clear();
    expect(histogram.quantile(0.5)).toBe(0);
    histogram.add(1);
    expect(histogram.quantile(0.99)).toBe(1);
  });
});

function filled(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

/** Dropwizard's UniformSnapshot.getValue, over a sorted copy. */
function plainQuantile(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = quantile * (sorted.length + 1);
  const index = Math.floor(position);
  if (index < 1) return sorted[0]!;
  if (index >= sorted.length) return sorted.at(-1)!;
  return sorted[index - 1]! + (position - index) * (sorted[index]! - sorted[index - 1]!);
}
