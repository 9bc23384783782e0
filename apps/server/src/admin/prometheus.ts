import type { MetricFamily } from '@corral/runtime';

/**
 * Figures in Prometheus' text form, under the names that Apache's PrometheusMetricsProvider gives them. The text has no
 * `_total` behind counters: Apache's has none, and dashboards look for its names.
 */
export function* prometheusText(families: Iterable<MetricFamily>): Iterable<string> {
  const told = new Set<string>();
  for (const family of families) {
    const { name, label } = labelled(family);
    if (!told.has(name)) yield `# HELP ${name} ${name}\n# TYPE ${name} ${family.kind}\n`;
    told.add(name);
    yield* samples(family, name, label);
  }
}

/** Sets have a figure for each key, which stands before their name: that of server 3 is `3_ack_latency`. Ours have a label. */
function labelled(family: MetricFamily): { name: string; label: string } {
  if (family.kind !== 'summary' && family.label !== undefined)
    return { name: family.name, label: `${family.label.name}="${escaped(family.label.value)}",` };
  const [, key, set] = SETS.exec(family.name) ?? [];
  return set === undefined
    ? { name: family.name, label: '' }
    : { name: set, label: `key="${escaped(key!)}",` };
}

function* samples(family: MetricFamily, name: string, label: string): Iterable<string> {
  const only = label === '' ? '' : `{${label}}`;
  switch (family.kind) {
    case 'summary':
      for (const [share, value] of family.quantiles)
        yield `${name}{${label}quantile="${share}",} ${family.count === 0 ? 'NaN' : number(value)}\n`;
      break;
    case 'histogram':
      for (const [seconds, count] of family.buckets)
        yield `${name}_bucket{${label}le="${seconds}",} ${number(count)}\n`;
      yield `${name}_bucket{${label}le="+Inf",} ${number(family.count)}\n`;
      break;
    default:
      yield `${name}${only} ${number(family.value)}\n`;
      return;
  }
  yield `${name}_count${only} ${number(family.count)}\n${name}_sum${only} ${number(family.sum)}\n`;
}

/** As Java prints a double. */
function number(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** By server, or by the first part of a path. */
const SETS =
  /^(\d+(?=_(?:ack|learner)_)|.+(?=_(?:read|write|quota)_))_(ack_latency|learner_handler_\w+|\w+_per_namespace)$/;
