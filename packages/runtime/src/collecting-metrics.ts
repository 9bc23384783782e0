import { DurationHistogram } from './duration-histogram.ts';
import { Histogram } from './histogram.ts';
import {
  type Counter,
  type Durations,
  keyOf,
  type MetricLabel,
  type Metrics,
  PlainCounter,
  type Summary,
} from './metrics.ts';

/** One figure as `mntr` shows it, without the `zk_`. */
export interface MetricSample {
  readonly name: string;
  readonly value: number;
  /** Java holds it in a double, and prints `0.0` where it prints `0` for the others. */
  readonly isDecimal: boolean;
}

/** One figure with what it is, for whoever shows it another way. */
export type MetricFamily =
  | {
      readonly kind: 'gauge' | 'counter';
      readonly name: string;
      readonly label?: MetricLabel;
      readonly value: number;
    }
  | {
      readonly kind: 'summary';
      readonly name: string;
      readonly count: number;
      readonly sum: number;
      /** Values below which that share of all lies; none where only the ends are kept. */
      readonly quantiles: readonly (readonly [share: number, value: number])[];
    }
  | {
      readonly kind: 'histogram';
      readonly name: string;
      readonly label?: MetricLabel;
      readonly count: number;
      /** Seconds. */
      readonly sum: number;
      /** How many lasted so long or less. */
      readonly buckets: readonly (readonly [seconds: number, count: number])[];
    };

export interface CollectingMetrics extends Metrics {
  /** All figures of this moment, summaries whole; those of one name stand together. */
  families(): MetricFamily[];
  /** Those without a label: gauges, counters, then summaries expanded as Apache's DefaultMetricsProvider does. */
  samples(): MetricSample[];
  /** Counters, summaries and durations begin anew; gauges belong to those who gave them. */
  reset(): void;
}

/**
 * Keeps the figures in memory, for `mntr`. A summary `x` becomes `avg_x min_x max_x cnt_x sum_x`, and where Apache
 * keeps percentiles `p50_x p95_x p99_x p999_x` too. Apache draws those from a random sample of 4096 values; here they
 * come from a histogram of all values, exact below 64 and within 1/32 above. Observing costs the same at all times.
 */
export function collectingMetrics(): CollectingMetrics {
  return new MemoryMetrics();
}

class MemoryMetrics implements CollectingMetrics {
  readonly #counters = new Map<string, PlainCounter>();
  readonly #summaries = new Map<string, BasicSummary>();
  readonly #gauges = new Map<string, () => number>();
  readonly #labelledCounters = new Map<string, Labelled<PlainCounter>>();
  readonly #labelledGauges = new Map<string, Labelled<() => number>>();
  readonly #durations = new Map<string, Labelled<DurationHistogram>>();

  counter(name: string, label?: MetricLabel): Counter {
    if (label !== undefined) return partOf(this.#labelledCounters, name, label, () => new PlainCounter());
    let counter = this.#counters.get(name);
    if (counter === undefined) this.#counters.set(name, (counter = new PlainCounter()));
    return counter;
  }

  durations(name: string, label?: MetricLabel): Durations {
    return partOf(this.#durations, name, label, () => new DurationHistogram());
  }

  summary(name: string): Summary {
    let summary = this.#summaries.get(name);
    if (summary === undefined) {
      if (this.#summaries.size >= SUMMARIES_MAX) return UNHEARD;
      summary = hasPercentiles(name) ? new PercentileSummary(name) : new BasicSummary(name);
      this.#summaries.set(name, summary);
    }
    return summary;
  }

  gauge(name: string, read: () => number, label?: MetricLabel): void {
    if (label === undefined) this.#gauges.set(name, read);
    else this.#labelledGauges.set(keyOf(name, label), { name, label, part: read });
  }

  samples(): MetricSample[] {
    const samples: MetricSample[] = [];
    for (const [name, read] of this.#gauges)
      samples.push({ name, value: read(), isDecimal: DECIMAL_GAUGES.has(name) });
    for (const [name, counter] of this.#counters)
      samples.push({ name, value: counter.value, isDecimal: false });
    for (const summary of this.#summaries.values()) summary.appendTo(samples);
    return samples;
  }

  families(): MetricFamily[] {
    const families: MetricFamily[] = [];
    for (const [name, read] of this.#gauges) families.push({ kind: 'gauge', name, value: read() });
    for (const [name, { value }] of this.#counters) families.push({ kind: 'counter', name, value });
    for (const summary of this.#summaries.values()) families.push(summary.family());
    for (const { name, label, part } of byName(this.#labelledGauges))
      families.push({ kind: 'gauge', name, ...labelOf(label), value: part() });
    for (const { name, label, part } of byName(this.#labelledCounters))
      families.push({ kind: 'counter', name, ...labelOf(label), value: part.value });
    for (const { name, label, part } of byName(this.#durations))
      families.push({
        kind: 'histogram',
        name,
        ...labelOf(label),
        count: part.count,
        sum: part.sumSeconds,
        buckets: part.buckets(),
      });
    return families;
  }

  reset(): void {
    for (const counter of this.#counters.values()) counter.value = 0;
    for (const summary of this.#summaries.values()) summary.reset();
    for (const { part } of this.#labelledCounters.values()) part.value = 0;
    for (const { part } of this.#durations.values()) part.clear();
  }
}

interface Labelled<T> {
  readonly name: string;
  readonly label: MetricLabel | undefined;
  readonly part: T;
}

function partOf<T>(
  parts: Map<string, Labelled<T>>,
  name: string,
  label: MetricLabel | undefined,
  make: () => T,
): T {
  const key = keyOf(name, label);
  let labelled = parts.get(key);
  if (labelled === undefined) parts.set(key, (labelled = { name, label, part: make() }));
  return labelled.part;
}

/** Those of one name together, in the order in which they came. */
function byName<T>(parts: Map<string, Labelled<T>>): readonly Labelled<T>[] {
  return [...parts.values()].toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function labelOf(label: MetricLabel | undefined): { label?: MetricLabel } {
  return label === undefined ? {} : { label };
}

/** AvgMinMaxCounter. */
class BasicSummary implements Summary {
  protected readonly name: string;
  #sum = 0;
  #count = 0;
  #min = Infinity;
  #max = -Infinity;

  constructor(name: string) {
    this.name = name;
  }

  observe(value: number, count = 1): void {
    this.#sum += value * count;
    this.#count += count;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  reset(): void {
    this.#sum = 0;
    this.#count = 0;
    this.#min = Infinity;
    this.#max = -Infinity;
  }

  appendTo(samples: MetricSample[]): void {
    const isEmpty = this.#count === 0;
    const average = isEmpty ? 0 : Math.round((this.#sum / this.#count) * 10_000) / 10_000;
    samples.push({ name: `avg_${this.name}`, value: average, isDecimal: true });
    this.append(samples, 'min', isEmpty ? 0 : this.#min);
    this.append(samples, 'max', isEmpty ? 0 : this.#max);
    this.append(samples, 'cnt', this.#count);
    this.append(samples, 'sum', this.#sum);
  }

  family(): MetricFamily {
    return {
      kind: 'summary',
      name: this.name,
      count: this.#count,
      sum: this.#sum,
      quantiles: this.quantiles(),
    };
  }

  protected quantiles(): readonly (readonly [share: number, value: number])[] {
    return [];
  }

  protected append(samples: MetricSample[], prefix: string, value: number): void {
    samples.push({ name: `${prefix}_${this.name}`, value: Math.round(value), isDecimal: false });
  }
}

/** AvgMinMaxPercentileCounter. */
class PercentileSummary extends BasicSummary {
  readonly #histogram = new Histogram();

  override observe(value: number, count = 1): void {
    super.observe(value, count);
    this.#histogram.add(value, count);
  }

  override reset(): void {
    super.reset();
    this.#histogram.clear();
  }

  protected override quantiles(): readonly (readonly [share: number, value: number])[] {
    return SHARES.map((share) => [share, this.#histogram.quantile(share)]);
  }

  override appendTo(samples: MetricSample[]): void {
    super.appendTo(samples);
    for (const [prefix, quantile] of PERCENTILES)
      this.append(samples, prefix, this.#histogram.quantile(quantile));
  }
}

/** Those of Apache's Prometheus provider. */
const SHARES: readonly number[] = [0.5, 0.9, 0.99];

/** ServerMetrics: what is kept with DetailLevel.ADVANCED. */
function hasPercentiles(name: string): boolean {
  return ADVANCED.has(name) || ADVANCED_SETS.some((set) => name.endsWith(set));
}

const ADVANCED: ReadonlySet<string> = new Set([
  'readlatency',
  'updatelatency',
  'propagation_latency',
  'dead_watchers_cleaner_latency',
  'prep_processor_queue_time_ms',
  'close_session_prep_time',
  'read_commitproc_time_ms',
  'write_commitproc_time_ms',
  'local_write_committed_time_ms',
  'server_write_committed_time_ms',
  'om_proposal_process_time_ms',
  'om_commit_process_time_ms',
  'read_final_proc_time_ms',
  'write_final_proc_time_ms',
  'proposal_latency',
  'proposal_ack_creation_latency',
  'commit_propagation_latency',
  'sync_processor_queue_and_flush_time_ms',
  'sync_processor_queue_time_ms',
  'sync_processor_queue_flush_time_ms',
  'quorum_ack_latency',
  'request_throttle_queue_time_ms',
  'jvm_pause_time_ms',
]);

/** Of these there is one for each key, named `<key>_<set>`. */
const ADVANCED_SETS: readonly string[] = ['_ack_latency', '_learner_handler_qp_time_ms'];

const DECIMAL_GAUGES: ReadonlySet<string> = new Set(['avg_latency', 'connection_drop_probability']);

const PERCENTILES: readonly (readonly [prefix: string, quantile: number])[] = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
];

/** Some are named after what clients create (`<namespace>_read_per_namespace`); the ones beyond this are not kept. */
const SUMMARIES_MAX = 2000;

const UNHEARD: Summary = { observe: () => {} };
