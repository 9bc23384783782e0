import type { HistoryRecord } from '../history.ts';

/** What a history can break; docs/RELIABILITY.md says each in a sentence. */
export type Rule =
  | 'write-order'
  | 'real-time'
  | 'reply-order'
  | 'session-zxid'
  | 'read-your-writes'
  | 'read-state'
  | 'lost-write'
  | 'exactly-once'
  | 'error-code'
  | 'stat'
  | 'sequence'
  | 'ephemeral'
  | 'expiry'
  | 'session'
  | 'one-owner'
  | 'sync'
  | 'multi'
  | 'acl'
  | 'watch-order'
  | 'watch-missed'
  | 'watch-event';

export interface HistoryViolation {
  readonly rule: Rule;
  /** A sentence; it names the records by their arrival. */
  readonly text: string;
  /** The arrival numbers of the records that contradict each other. */
  readonly records: readonly number[];
}

/** Collects; keeps the first of many, because one fault is followed by others. */
export class Violations {
  readonly list: HistoryViolation[] = [];

  add(rule: Rule, text: string, ...records: (HistoryRecord | undefined)[]): void {
    if (this.list.length >= VIOLATIONS_MAX) return;
    const involved = records.filter((record) => record !== undefined);
    const arrivals = [...new Set(involved.map(({ arrival }) => arrival))];
    this.list.push({ rule, text, records: arrivals });
  }
}

const VIOLATIONS_MAX = 100;
