import { epochOf, type Zxid } from '@corral/protocol';
import type { RequestRecord } from '../history.ts';
import { describe } from './describe.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Violations } from './violation.ts';

/**
 * `compatible`: as Apache's, a sync shows all that its leader had committed when it came; a leader that has been
 * replaced does not know of what its successor committed. `quorum`: all that was answered before the sync was sent.
 */
export type SyncMode = 'compatible' | 'quorum';

/** D9. What is read behind a sync is no older, because zxids of a session never go back. */
export function checkSyncs(index: HistoryIndex, mode: SyncMode, violations: Violations): void {
  const syncs = index.reads.filter(({ operation, error }) => operation.op === 'sync' && error === 0);
  if (syncs.length === 0) return;
  syncs.sort((a, b) => a.invokedAt - b.invokedAt);
  const writes = index.writes.toSorted((a, b) => a.returnedAt - b.returnedAt);
  const newest = new Map<number, RequestRecord>();
  let next = 0;
  for (const sync of syncs) {
    for (; next < writes.length && writes[next]!.returnedAt < sync.invokedAt; next++) {
      const write = writes[next]!;
      const key = mode === 'quorum' ? 0 : epochOf(write.zxid as Zxid);
      if (write.zxid > (newest.get(key)?.zxid ?? 0)) newest.set(key, write);
    }
    const due = newest.get(mode === 'quorum' ? 0 : epochOf(sync.zxid as Zxid));
    if (due === undefined || due.zxid <= sync.zxid) continue;
    const text = `${describe(sync)} shows a state without ${describe(due)}, which was answered before the sync was sent`;
    violations.add('sync', text, sync, due);
  }
}
