import { expect, test } from 'vitest';
import { Comparison, comparisonHead, comparisonJson, comparisonRow, median } from './comparison.ts';
import { Latencies } from './latencies.ts';
import { jsonLine, tableHead, tableRow, type Result } from './result.ts';

function resultOf(count: number, seconds: number): Result {
  const latencies = new Latencies();
  for (let us = 1; us <= count; us++) latencies.record(us);
  return { workload: 'read', connections: 50, depth: 20, bytes: 100, seconds, errors: 1, latencies };
}

test('a row stands under its head', () => {
  const row = tableRow(resultOf(1000, 0.5));
  expect(row.length).toBe(tableHead.length);
  expect(row.trim().split(/\s+/)).toEqual([
    'read',
    '50',
    '20',
    '2000',
    '0.50',
    '0.90',
    '0.99',
    '1.00',
    '1.00',
    '1',
  ]);
});

test('a JSON line has the figures in microseconds', () => {
  expect(JSON.parse(jsonLine(resultOf(1000, 0.5)))).toEqual({
    workload: 'read',
    connections: 50,
    depth: 20,
    bytes: 100,
    ops: 1000,
    seconds: 0.5,
    ops_per_s: 2000,
    p50_us: 500,
    p90_us: 900,
    p99_us: 990,
    p999_us: 999,
    max_us: 1000,
    errors: 1,
  });
});

test('two servers are compared round by round: the median of the ratios counts, not the ratio of the medians', () => {
  const first = [resultOf(100, 1), resultOf(200, 1), resultOf(300, 1)];
  const second = [resultOf(300, 1), resultOf(200, 1), resultOf(600, 1)];
  const comparison = new Comparison('read', first, second);
  const row = comparisonRow(comparison);

  expect(row.length).toBe(comparisonHead.length);
  expect(row.trim().split(/\s+/)).toEqual(['read', '200', '300', '2.00', '1.00..3.00', '0.20', '0.30', '6']);
  expect(JSON.parse(comparisonJson(comparison))).toEqual({
    workload: 'read',
    rounds: 3,
    first_ops_per_s: 200,
    second_ops_per_s: 300,
    ratio: 2,
    ratios: [3, 1, 2],
    first_p99_us: 198,
    second_p99_us: 297,
    errors: 6,
  });
});

test('the median of an even count lies between the two in the middle', () => {
  expect([median([3, 1]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 2.5, 5]);
});
