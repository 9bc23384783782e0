/** A number that only grows. */
export interface Counter {
  add(amount?: number): void;
  readonly value: number;
}

/** A distribution of observed values, in the unit its name says. */
export interface Summary {
  /** @param count how often in a row; default 1 */
  observe(value: number, count?: number): void;
}

/** How long things took, counted by how long. */
export interface Durations {
  /** @param weight of how many alike this one was drawn; default 1 */
  observe(ms: number, weight?: number): void;
}

/** Which one of several figures of one name. */
export interface MetricLabel {
  readonly name: string;
  readonly value: string;
}

/**
 * Where the parts of a server leave their figures. Names are Apache's (`packets_received`, `fsynctime`,
 * `node_created_watch_count`), so that existing dashboards read them; where Apache has none they begin with `corral_`.
 * Asking twice for a name, or a name and a label, gives the same object. Figures with a label, and durations, are for those
 * who draw curves: `mntr` does not show them.
 */
export interface Metrics {
  counter(name: string, label?: MetricLabel): Counter;
  summary(name: string): Summary;
  /** `read` is called whenever the figures are collected; a later call under the same name replaces it. */
  gauge(name: string, read: () => number, label?: MetricLabel): void;
  /** Its name ends with `_seconds`. */
  durations(name: string, label?: MetricLabel): Durations;
}

/** Collects nothing; its counters still count, because callers read them back. */
export function noMetrics(): Metrics {
  const counters = new Map<string, Counter>();
  const summary: Summary = { observe: () => {} };
  return {
    counter(name, label) {
      const key = keyOf(name, label);
      let counter = counters.get(key);
      if (counter === undefined) counters.set(key, (counter = new PlainCounter()));
      return counter;
    },
    summary: () => summary,
    gauge: () => {},
    durations: () => summary,
  };
}

/** For implementations of {@link Metrics}. */
export class PlainCounter implements Counter {
  value = 0;
  add(amount = 1): void {
    this.value += amount;
  }
}

/** The same. */
export function keyOf(name: string, label: MetricLabel | undefined): string {
  return label === undefined ? name : `${name}{${label.name}=${label.value}}`;
}
