import type { RequestRecord } from '../history.ts';
import { describe, hex } from './describe.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Placed } from './replay.ts';
import type { Violations } from './violation.ts';

/** Each write has a zxid of its own, and zxids respect real time (D1): what was answered comes before what was sent later. */
export function checkWriteOrder(
  index: HistoryIndex,
  placed: readonly Placed[],
  violations: Violations,
): void {
  const { writes } = index;
  for (const [i, write] of writes.entries()) {
    const next = writes[i + 1];
    if (next?.zxid !== write.zxid) continue;
    violations.add('write-order', `${describe(write)} and ${describe(next)} have one zxid`, write, next);
  }
  const all: Entry[] = [...writes, ...placed.map(({ zxid, write }) => ({ zxid, record: write.record }))].map(
    (entry) => ('record' in entry ? entry : { zxid: entry.zxid, record: entry }),
  );
  all.sort((a, b) => a.zxid - b.zxid);
  let latest: Entry | undefined;
  for (const entry of all) {
    const { record, zxid } = entry;
    if (latest !== undefined && record.outcome !== 'unknown' && record.returnedAt < latest.record.invokedAt) {
      const text = `${describe(record)} was answered before ${describe(latest.record)} was sent, and has the larger zxid (${hex(zxid)} > ${hex(latest.zxid)})`;
      violations.add('real-time', text, record, latest.record);
    }
    if (latest === undefined || record.invokedAt > latest.record.invokedAt) latest = entry;
  }
}

interface Entry {
  readonly zxid: number;
  readonly record: RequestRecord;
}
