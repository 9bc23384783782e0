import { describe, expect, test } from 'vitest';
import { Latencies } from './latencies.ts';

function latenciesOf(values: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const value of values) latencies.record(value);
  return latencies;
}

describe('latencies', () => {
  test('are exact below two milliseconds', () => {
    const latencies = latenciesOf(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect([0.5, 0.9, 1].map((share) => latencies.quantile(share))).toEqual([1000, 1800, 2000]);
  });

  test('are within a thousandth above, and never beyond the largest', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i + 1) * 137);
    const latencies = latenciesOf(values);
    for (const share of [0.1, 0.5, 0.9, 0.99, 0.999]) {
      const exact = values[share * values.length - 1]!;
      expect(latencies.quantile(share)).toBeGreaterThanOrEqual(exact);
      expect(latencies.quantile(share)).toBeLessThanOrEqual(exact * 1.001);
    }
    expect([latencies.quantile(1), latencies.maxUs]).toEqual([1_370_000, 1_370_000]);
  });

  test('of less than a microsecond or more than an hour still count', () => {
    const latencies = latenciesOf([0, 0.3, 1e13]);
    expect([latencies.count, latencies.maxUs]).toEqual([3, 1e13]);
    expect(latencies.quantile(0.5)).toBe(1);
    expect(latencies.quantile(1)).toBeGreaterThan(3.5e9);
  });

  test('are zero where there was none', () => {
    expect(new Latencies().quantile(0.99)).toBe(0);
  });

  test('can be added up', () => {
    const sum = latenciesOf([1, 2]);
    sum.add(latenciesOf([3, 400]));
    expect([sum.count, sum.quantile(0.5), sum.maxUs]).toEqual([4, 2, 400]);
  });
});
