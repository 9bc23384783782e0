import { expect, test } from 'vitest';
import { Latencies } from './latencies.ts';
import { jsonLine, tableHead, tableRow, type Result } from './result.ts';

const latencies = new Latencies();
for (let us = 1; us <= 1000; us++) latencies.record(us);
const result: Result = {
  workload: 'read',
  connections: 50,
  depth: 20,
  bytes: 100,
  seconds: 0.5,
  errors: 1,
  latencies,
};

test('a row stands under its head', () => {
  const row = tableRow(result);
  expect(row.length).toBe(tableHead.length);
  expect(row.trim().split(/\s+/)).toEqual([
    'read',
    '50',
    '20',
    '2000',
    '0.50',
    '0.91',
    '0.99',
    '1.00',
    '1.00',
    '1',
  ]);
});

test('a JSON line has the figures in microseconds', () => {
  expect(JSON.parse(jsonLine(result))).toMatchObject({
    workload: 'read',
    connections: 50,
    depth: 20,
    bytes: 100,
    ops: 1000,
    seconds: 0.5,
    ops_per_s: 2000,
    max_us: 1000,
    errors: 1,
  });
});
