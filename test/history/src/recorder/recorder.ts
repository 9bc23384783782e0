import type { HistoryRecord, HistorySink } from '@corral/testing';

type Unnumbered<R> = R extends unknown ? Omit<R, 'arrival'> : never;

/** Numbers what arrives, over all clients, and tells them the time and their connections' numbers. */
export class Recorder {
  readonly #sink: HistorySink;
  #connections = 0;
  #arrivals = 0;

  constructor(sink: HistorySink) {
    this.#sink = sink;
  }

  get now(): number {
    return performance.now();
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  add(record: Unnumbered<HistoryRecord>): void {
    this.#sink({ ...record, arrival: this.#arrivals++ });
  }
}
