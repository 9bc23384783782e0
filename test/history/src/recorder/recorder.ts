import type { HistoryRecord } from '@corral/testing';

type Unnumbered<R> = R extends unknown ? Omit<R, 'arrival'> : never;

/** Numbers what arrives, over all clients, and tells them the time and their connections' numbers. */
export class Recorder {
  readonly records: HistoryRecord[] = [];
  #connections = 0;

  get now(): number {
    return performance.now();
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  add(record: Unnumbered<HistoryRecord>): void {
    this.records.push({ ...record, arrival: this.records.length });
  }
}
