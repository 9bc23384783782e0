import type { MetricFamily } from '@corral/runtime';
import { BASIC_SUMMARIES, COUNTERS, GAUGES, PERCENTILE_SUMMARIES } from './figure-names.ts';
import { ensembleFigures } from './mntr.ts';
import type { ServerView } from './server-view.ts';

/** What `mntr` shows, each figure with what it is: what was not measured stands at zero there, and so it does here. */
export function* metricFamilies(view: ServerView): Iterable<MetricFamily> {
  for (const { name, text, isNumber } of ensembleFigures(view))
    if (isNumber) yield { kind: 'gauge', name, value: Number(text) };
  const collected = [...view.families()];
  const names = new Set(collected.map(({ name }) => name));
  for (const [name, value] of Object.entries(GAUGES))
    if (!names.has(name)) yield { kind: 'gauge', name, value: value(view) };
  for (const name of COUNTERS) if (!names.has(name)) yield { kind: 'counter', name, value: 0 };
  for (const name of [...BASIC_SUMMARIES, ...PERCENTILE_SUMMARIES])
    if (!names.has(name)) yield { kind: 'summary', name, count: 0, sum: 0, quantiles: [] };
  yield* collected;
}
