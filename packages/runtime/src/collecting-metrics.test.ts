import { describe, expect, it } from 'vitest';
import { collectingMetrics, type CollectingMetrics } from './index.ts';

describe('collecting metrics', () => {
  it('show gauges as they are at the moment, and counters', () => {
    const metrics = collectingMetrics();
    let count = 5;
    metrics.gauge('znode_count', () => count);
    metrics.gauge('avg_latency', () => 0.5);
    metrics.counter('commit_count').add();
    metrics.counter('commit_count').add(3);
    count = 6;
    expect(metrics.samples()).toEqual([
      { name: 'znode_count', value: 6, isDecimal: false },
      { name: 'avg_latency', value: 0.5, isDecimal: true },
      { name: 'commit_count', value: 4, isDecimal: false },
    ]);
    expect(metrics.counter('commit_count').value).toBe(4);
  });

  it('replace a gauge that is given again', () => {
    const metrics = collectingMetrics();
    metrics.gauge('uptime', () => 1);
    metrics.gauge('uptime', () => 2);
    expect(shown(metrics)).toEqual({ uptime: 2 });
  });

  it('expand a summary as AvgMinMaxCounter does', () => {
    const metrics = collectingMetrics();
    for (const value of [3, 1, 6]) metrics.summary('fsynctime').observe(value);
    expect(metrics.samples()).toEqual([
      { name: 'avg_fsynctime', value: 3.3333, isDecimal: true },
      { name: 'min_fsynctime', value: 1, isDecimal: false },
      { name: 'max_fsynctime', value: 6, isDecimal: false },
      { name: 'cnt_fsynctime', value: 3, isDecimal: false },
      { name: 'sum_fsynctime', value: 10, isDecimal: false },
    ]);
  });

  it('show zeros for a summary that observed nothing', () => {
    const metrics = collectingMetrics();
    metrics.summary('readlatency');
    expect(new Set(Object.values(shown(metrics)))).toEqual(new Set([0]));
    expect(Object.keys(shown(metrics))).toHaveLength(9);
  });

  it.each(['readlatency', '1_ack_latency'])(
    'add percentiles to %s as AvgMinMaxPercentileCounter does',
    (name) => {
      const metrics = collectingMetrics();
      for (let value = 1; value <= 50; value++) metrics.summary(name).observe(value);
      expect(shown(metrics)).toEqual({
        [`avg_${name}`]: 25.5,
        [`min_${name}`]: 1,
        [`max_${name}`]: 50,
        [`cnt_${name}`]: 50,
        [`sum_${name}`]: 1275,
        [`p50_${name}`]: 26, // 25.5, rounded as Java's Math.round does
        [`p95_${name}`]: 48,
        [`p99_${name}`]: 50,
        [`p999_${name}`]: 50,
      });
    },
  );

  it('begin anew on reset, gauges excepted', () => {
    const metrics = collectingMetrics();
    metrics.gauge('uptime', () => 7);
    const counter = metrics.counter('diff_count');
    const summary = metrics.summary('updatelatency');
    counter.add(2);
    summary.observe(100);
    metrics.reset();
    counter.add(1);
    summary.observe(3);
    expect(shown(metrics)).toMatchObject({
      uptime: 7,
      diff_count: 1,
      avg_updatelatency: 3,
      max_updatelatency: 3,
      p999_updatelatency: 3,
    });
  });

  it('show what each figure is, for whoever shows it another way', () => {
    const metrics = collectingMetrics();
    metrics.gauge('uptime', () => 7);
    metrics.counter('diff_count').add(2);
    for (const value of [1, 3]) metrics.summary('fsynctime').observe(value);
    for (let value = 1; value <= 60; value++) metrics.summary('readlatency').observe(value);
    expect(metrics.families()).toEqual([
      { kind: 'gauge', name: 'uptime', value: 7 },
      { kind: 'counter', name: 'diff_count', value: 2 },
      { kind: 'summary', name: 'fsynctime', count: 2, sum: 4, quantiles: [] },
      {
        kind: 'summary',
        name: 'readlatency',
        count: 60,
        sum: 1830,
        quantiles: [
          [0.5, 30.5],
          [0.9, expect.closeTo(54.9)],
          [0.99, 60],
        ],
      },
    ]);
  });

  it('keep figures of one name apart by their labels, together, and away from mntr', () => {
    const metrics = collectingMetrics();
    const by = (value: string) => ({ name: 'operation', value });
    metrics.counter('corral_requests_total', by('getData')).add(2);
    metrics.gauge('corral_memory_bytes', () => 5, { name: 'part', value: 'tree' });
    metrics.counter('corral_requests_total', by('create')).add(1);
    metrics.counter('corral_requests_total', by('getData')).add(1);
    metrics.durations('corral_request_latency_seconds', by('create')).observe(1);

    expect(metrics.samples()).toEqual([]);
    expect(metrics.families()).toMatchObject([
      { kind: 'gauge', name: 'corral_memory_bytes', label: { name: 'part', value: 'tree' }, value: 5 },
      { kind: 'counter', name: 'corral_requests_total', label: by('getData'), value: 3 },
      { kind: 'counter', name: 'corral_requests_total', label: by('create'), value: 1 },
      {
        kind: 'histogram',
        name: 'corral_request_latency_seconds',
        label: by('create'),
        count: 1,
        sum: 0.001,
      },
    ]);

    metrics.reset();
    expect(metrics.families()).toMatchObject([
      { value: 5 },
      { value: 0 },
      { value: 0 },
      { count: 0, sum: 0 },
    ]);
  });

  it('are bounded however many names clients cause', () => {
    const metrics = collectingMetrics();
    for (let i = 0; i < 10_000; i++) metrics.summary(`${i}_read_per_namespace`).observe(1);
    expect(metrics.samples()).toHaveLength(2000 * 5);
  });
});

function shown(metrics: CollectingMetrics): Record<string, number> {
  return Object.fromEntries(metrics.samples().map(({ name, value }) => [name, value]));
}
