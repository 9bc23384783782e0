import type { HistoryRecord } from '@corral/testing';

/** A record as one line of text, for histories that are kept. */
export function lineOf(record: HistoryRecord): string {
  return JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

export function recordOf(line: string): HistoryRecord {
  return JSON.parse(line, (key, value: unknown) =>
    BIG.has(key) && typeof value === 'string' ? BigInt(value.slice(0, -1)) : value,
  ) as HistoryRecord;
}

/** Session ids use all 64 bits. */
const BIG: ReadonlySet<string> = new Set(['session', 'ephemeralOwner']);
