import { recordOf } from '@corral-test/history';
import { checkHistory, type CheckOptions, type HistoryRecord } from '@corral/testing';
import { readFileSync } from 'node:fs';

export interface Judgement {
  /** One line each. */
  readonly violations: readonly string[];
  /** What may be one, and the checker could not tell: one line each. */
  readonly undecided: readonly string[];
}

/** What the history checker has to say of a history that was kept. */
export function judge(path: string, options: CheckOptions): Judgement {
  const records: HistoryRecord[] = [];
  const bytes = readFileSync(path);
  // Line by line: all of it as one text would be longer than texts may be.
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    records.push(recordOf(bytes.toString('utf8', at, end)));
    at = end + 1;
  }
  const undecided: string[] = [];
  const violations = checkHistory(records, {
    ...options,
    onUndecided: (text) => undecided.push(`undecided: ${text}`),
  });
  return { violations: violations.map(({ rule, text }) => `VIOLATION ${rule}: ${text}`), undecided };
}

const NEWLINE = 10;
