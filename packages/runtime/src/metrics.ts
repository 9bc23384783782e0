/** A number that only grows. */
export interface Counter {
  add(amount?: number): void;
  readonly value: number;
}

/** A distribution of observed values, in the unit its name says. */
export interface Summary {
  observe(value: number): void;
}

/**
 * Where the parts of a server leave their figures. Names are Apache's (`packets_received`, `fsynctime`,
 * `node_created_watch_count`), so that existing dashboards read them. Asking twice for a name gives the same object.
 */
export interface Metrics {
  counter(name: string): Counter;
  summary(name: string): Summary;
  /** `read` is called whenever the figures are collected; a later call under the same name replaces it. */
  gauge(name: string, read: () => number): void;
}

/** Collects nothing; its counters still count, because callers read them back. */
export function noMetrics(): Metrics {
  const counters = new Map<string, Counter>();
  const summary: Summary = { observe: () => {} };
  return {
    counter(name) {
      let counter = counters.get(name);
      if (counter === undefined) counters.set(name, (counter = new PlainCounter()));
      return counter;
    },
    summary: () => summary,
    gauge: () => {},
  };
}

/** For implementations of {@link Metrics}. */
export class PlainCounter implements Counter {
  value = 0;
  add(amount = 1): void {
    this.value += amount;
  }
}
