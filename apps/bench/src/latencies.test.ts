import { describe, expect, test } from 'vitest';
import { Latencies } from './latencies.ts';

function latenciesOf(values: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const value of values) latencies.record(value);
  return latencies;
}

describe('latencies', () => {
  test('are exact below 64 microseconds', () => {
    const latencies = latenciesOf(Array.from({ length: 50 }, (_, i) => i + 1));
    expect([0.5, 0.9, 1].map((share) => latencies.quantile(share))).toEqual([25, 45, 50]);
  });

  test('are within 1/32 above, and never beyond the largest', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => (i + 1) * 137);
    const latencies = latenciesOf(values);
    for (const share of [0.1, 0.5, 0.9, 0.99, 0.999]) {
      const exact = values[share * values.length - 1]!;
      expect(latencies.quantile(share)).toBeGreaterThanOrEqual(exact);
      expect(latencies.quantile(share)).toBeLessThanOrEqual(exact * (1 + 1 / 31));
    }
    expect([latencies.quantile(1), latencies.maxUs]).toEqual([1_370_000, 1_370_000]);
  });

  test('longer than the last bucket still count', () => {
    const latencies = latenciesOf([1e13]);
    expect([latencies.count, latencies.maxUs]).toEqual([1, 1e13]);
    expect(latencies.quantile(0.5)).toBeGreaterThan(3.6e9);
  });

  test('are zero where there was none', () => {
    expect(new Latencies().quantile(0.99)).toBe(0);
  });
});
