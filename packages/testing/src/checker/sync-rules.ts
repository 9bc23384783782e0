import { epochOf, type Zxid } from '@corral/protocol';
import type { RequestRecord } from '../history.ts';
import { describe } from './describe.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Violations } from './violation.ts';

/**
 * `quorum`: a sync shows all that was answered before it was sent. `compatible`: all that its own server had answered
 * in that epoch. No more can be demanded of Apache: a leader answers a sync of its own client from what it has applied,
 * and its followers may have applied, and answered, a commit sooner (seen with 3.8.0).
 */
export type SyncMode = 'compatible' | 'quorum';

/** D9. What is read behind a sync is no older, because zxids of a session never go back. */
export function checkSyncs(index: HistoryIndex, mode: SyncMode, violations: Violations): void {
  const syncs = index.reads.filter(({ operation, error }) => operation.op === 'sync' && error === 0);
  if (syncs.length === 0) return;
  syncs.sort((a, b) => a.invokedAt - b.invokedAt);
  const writes = index.writes.toSorted((a, b) => a.returnedAt - b.returnedAt);
  const newest = new Map<string, RequestRecord>();
  const keyOf = ({ connection, zxid }: RequestRecord): string =>
    mode === 'quorum'
      ? ''
      : `${epochOf(zxid as Zxid)} ${index.connections.get(connection)?.connected.server}`;
  let next = 0;
  for (const sync of syncs) {
    for (; next < writes.length && writes[next]!.returnedAt < sync.invokedAt; next++) {
      const write = writes[next]!;
      const key = keyOf(write);
      if (write.zxid > (newest.get(key)?.zxid ?? 0)) newest.set(key, write);
    }
    const due = newest.get(keyOf(sync));
    if (due === undefined || due.zxid <= sync.zxid) continue;
    const text = `${describe(sync)} shows a state without ${describe(due)}, which was answered before the sync was sent`;
    violations.add('sync', text, sync, due);
  }
}
