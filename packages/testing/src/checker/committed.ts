import type { RequestRecord } from '../history.ts';
import type { UnknownWrite } from './unknown-write.ts';

/** A transaction that the servers committed, for whoever can look into them. */
export interface CommittedTransaction {
  readonly zxid: number;
  /** Whose request it was, or whose session has ended; 0 where the servers did it by themselves. */
  readonly session: bigint;
  /** The request's. */
  readonly xid: number;
  /** `failure`: a request that was refused, and changed nothing. `removal`: of a node that servers remove by themselves. */
  readonly kind: 'request' | 'failure' | 'sessionEnd' | 'removal';
  /** Of a removal. */
  readonly path?: string;
}

/** What was done at a zxid without an answer. */
export type Deed =
  | { readonly kind: 'write'; readonly zxid: number; readonly write: UnknownWrite }
  | { readonly kind: 'sessionEnd'; readonly zxid: number; readonly session: bigint }
  | { readonly kind: 'removal'; readonly zxid: number; readonly path: string };

/** All that was done and that no answer shows, in order of zxid. */
export function deedsOf(
  committed: readonly CommittedTransaction[],
  answered: readonly RequestRecord[],
  unknown: readonly UnknownWrite[],
): Deed[] {
  const shown = new Set(answered.map(({ zxid }) => zxid));
  const asked = new Map(unknown.map((write) => [`${write.record.session} ${write.record.xid}`, write]));
  const deeds: Deed[] = [];
  for (const { zxid, session, xid, kind, path } of committed) {
    if (shown.has(zxid)) continue;
    if (kind === 'sessionEnd') deeds.push({ kind, zxid, session });
    else if (kind === 'removal') deeds.push({ kind, zxid, path: path! });
    else if (kind === 'request') {
      const write = asked.get(`${session} ${xid}`);
      if (write !== undefined && write.parts.length > 0) deeds.push({ kind: 'write', zxid, write });
    }
  }
  return deeds.toSorted((a, b) => a.zxid - b.zxid);
}
