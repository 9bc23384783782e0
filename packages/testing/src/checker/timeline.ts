import type { RequestRecord } from '../history.ts';
import type { Deed } from './committed.ts';
import { collectEvidence, type Evidence } from './evidence.ts';
import type { HistoryIndex } from './history-index.ts';

/** What is to be played at a zxid. */
export type Item =
  | { readonly kind: 'write' | 'read'; readonly zxid: number; readonly record: RequestRecord }
  /** Somebody's transaction, of which something was seen. */
  | { readonly kind: 'trace'; readonly zxid: number; readonly evidence: Evidence }
  /** Somebody's transaction, as the servers tell it. */
  | { readonly kind: 'deed'; readonly zxid: number; readonly deed: Deed };

/** All of a history that has a zxid, in order: of one zxid first what was done, then what was read. */
export function timelineOf(index: HistoryIndex): Item[] {
  const traces = collectEvidence(index);
  const { writes, reads, deeds = [] } = index;
  const items: Item[] = [];
  let [write, deed, trace, read] = [0, 0, 0, 0];
  for (;;) {
    const writeAt = writes[write]?.zxid ?? Number.POSITIVE_INFINITY;
    const deedAt = deeds[deed]?.zxid ?? Number.POSITIVE_INFINITY;
    const traceAt = traces[trace]?.zxid ?? Number.POSITIVE_INFINITY;
    const readAt = reads[read]?.zxid ?? Number.POSITIVE_INFINITY;
    const zxid = Math.min(writeAt, deedAt, traceAt, readAt);
    if (zxid === Number.POSITIVE_INFINITY) return items;
    if (writeAt === zxid) items.push({ kind: 'write', zxid, record: writes[write++]! });
    else if (deedAt === zxid) items.push({ kind: 'deed', zxid, deed: deeds[deed++]! });
    else if (traceAt === zxid) items.push({ kind: 'trace', zxid, evidence: traces[trace++]! });
    else items.push({ kind: 'read', zxid, record: reads[read++]! });
  }
}
