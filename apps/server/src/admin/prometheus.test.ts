import { expect, it } from 'vitest';
import { prometheusText } from './prometheus.ts';

function text(...families: Parameters<typeof prometheusText>[0][]): string {
  return [...prometheusText(families.flatMap((some) => [...some]))].join('');
}

it('writes each figure with its kind', () => {
  expect(
    text([
      { kind: 'gauge', name: 'uptime', value: 7 },
      { kind: 'counter', name: 'diff_count', value: 1.5 },
    ]),
  ).toBe(
    '# HELP uptime uptime\n# TYPE uptime gauge\nuptime 7.0\n' +
      '# HELP diff_count diff_count\n# TYPE diff_count counter\ndiff_count 1.5\n',
  );
});

it('writes a summary with its quantiles, count and sum', () => {
  expect(
    text([
      {
        kind: 'summary',
        name: 'readlatency',
        count: 2,
        sum: 4,
        quantiles: [
          [0.5, 1],
          [0.99, 3],
        ],
      },
    ]),
  ).toBe(
    '# HELP readlatency readlatency\n# TYPE readlatency summary\n' +
      'readlatency{quantile="0.5",} 1.0\nreadlatency{quantile="0.99",} 3.0\n' +
      'readlatency_count 2.0\nreadlatency_sum 4.0\n',
  );
});

it('writes a set once, with a label for each of its keys', () => {
  const ack = (sid: number): Parameters<typeof prometheusText>[0] => [
    { kind: 'summary', name: `${sid}_ack_latency`, count: 0, sum: 0, quantiles: [[0.5, 0]] },
  ];
  expect(text(ack(1), ack(2))).toBe(
    '# HELP ack_latency ack_latency\n# TYPE ack_latency summary\n' +
      'ack_latency{key="1",quantile="0.5",} NaN\nack_latency_count{key="1",} 0.0\nack_latency_sum{key="1",} 0.0\n' +
      'ack_latency{key="2",quantile="0.5",} NaN\nack_latency_count{key="2",} 0.0\nack_latency_sum{key="2",} 0.0\n',
  );
});

it('writes durations as a histogram, and what has a label with it', () => {
  const operation = { name: 'operation', value: 'getData' };
  expect(
    text([
      { kind: 'counter', name: 'corral_requests_total', label: operation, value: 3 },
      {
        kind: 'histogram',
        name: 'corral_request_latency_seconds',
        label: operation,
        count: 3,
        sum: 20.5,
        buckets: [
          [0.000064, 1],
          [16.777216, 2],
        ],
      },
      { kind: 'histogram', name: 'corral_log_sync_seconds', count: 0, sum: 0, buckets: [[0.000064, 0]] },
    ]),
  ).toBe(
    '# HELP corral_requests_total corral_requests_total\n# TYPE corral_requests_total counter\n' +
      'corral_requests_total{operation="getData",} 3.0\n' +
      '# HELP corral_request_latency_seconds corral_request_latency_seconds\n' +
      '# TYPE corral_request_latency_seconds histogram\n' +
      'corral_request_latency_seconds_bucket{operation="getData",le="0.000064",} 1.0\n' +
      'corral_request_latency_seconds_bucket{operation="getData",le="16.777216",} 2.0\n' +
      'corral_request_latency_seconds_bucket{operation="getData",le="+Inf",} 3.0\n' +
      'corral_request_latency_seconds_count{operation="getData",} 3.0\n' +
      'corral_request_latency_seconds_sum{operation="getData",} 20.5\n' +
      '# HELP corral_log_sync_seconds corral_log_sync_seconds\n# TYPE corral_log_sync_seconds histogram\n' +
      'corral_log_sync_seconds_bucket{le="0.000064",} 0.0\n' +
      'corral_log_sync_seconds_bucket{le="+Inf",} 0.0\n' +
      'corral_log_sync_seconds_count 0.0\ncorral_log_sync_seconds_sum 0.0\n',
  );
});

it.each([
  ['quorum_ack_latency', 'quorum_ack_latency'],
  ['app_quota_count_limit_per_namespace', 'quota_count_limit_per_namespace{key="app",}'],
  ['a_b_write_per_namespace', 'write_per_namespace{key="a_b",}'],
])('tells the key of a set from its name: %s', (name, line) => {
  expect(text([{ kind: 'gauge', name, value: 1 }])).toContain(`\n${line} 1.0\n`);
});
