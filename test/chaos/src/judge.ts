import { recordOf } from '@corral-test/history';
import { checkHistory, type CheckOptions, type HistoryRecord } from '@corral/testing';
import { readFileSync } from 'node:fs';

/** What the history checker has to say of a history that was kept: one line for each violation. */
export function judge(path: string, options: CheckOptions): string[] {
  const records: HistoryRecord[] = [];
  const bytes = readFileSync(path);
  // Line by line: all of it as one text would be longer than texts may be.
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    records.push(recordOf(bytes.toString('utf8', at, end)));
    at = end + 1;
  }
  return checkHistory(records, options).map(({ rule, text }) => `VIOLATION ${rule}: ${text}`);
}

const NEWLINE = 10;
