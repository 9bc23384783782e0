import { counterOf, type Zxid, ZXID_NONE } from '@corral/protocol';
import type { CommittedLog } from './committed-log.ts';
import type { LogExtent } from './leader-step.ts';

/** What the choice depends on, the learner's zxid aside. */
export interface SyncSource {
  readonly committedLog: CommittedLog;
  /** The zxid of the tree: of the last transaction applied, or the beginning of an epoch that holds none yet. */
  readonly lastProcessed: Zxid;
  readonly forceSnapshotSync: boolean;
  /** Whether the log on disk may serve; off with a negative `snapshotSizeFactor`. */
  readonly txnLogSyncEnabled: boolean;
}

/** How a learner is brought up to date. */
export type SyncPlan =
  /** The packet DIFF or TRUNC with `zxid`, then the committed transactions above `after`. */
  | { readonly kind: 'DIFF' | 'TRUNC'; readonly zxid: Zxid; readonly after: Zxid; readonly upTo?: undefined }
  /** DIFF with `zxid`, then the log on disk above `after` up to `upTo`, then the committed transactions above that. */
  | { readonly kind: 'DIFF'; readonly zxid: Zxid; readonly after: Zxid; readonly upTo: Zxid }
  | { readonly kind: 'SNAP' }
  /** The committed log begins too late: ask the disk, then plan again with its answer. */
  | { readonly kind: 'locate' };

/**
 * Apache's choice (LearnerHandler.java, `syncFollower` and `queueCommittedProposals`), for a learner whose last logged
 * zxid is `peer`. `extent` is what the disk answered, once it was asked: undefined where it is of no use.
 *
 * A zxid that is within this history and not part of it lies between two epochs, for none has a gap; Apache's learners
 * cannot cut there. So TRUNC goes only to learners that are beyond all of it.
 */
export function planSync(peer: number, source: SyncSource, extent?: LogExtent | 'unasked'): SyncPlan {
  const { committedLog, lastProcessed, forceSnapshotSync, txnLogSyncEnabled } = source;
  const min = committedLog.size === 0 ? lastProcessed : committedLog.min;
  const max = committedLog.size === 0 ? lastProcessed : committedLog.max;

  if (forceSnapshotSync || peer < 0) return SNAP;
  const at = peer as Zxid;
  if (at === lastProcessed) return { kind: 'DIFF', zxid: at, after: at };
  if (at > max) return isBeginning(at) || isBeginning(max) ? SNAP : { kind: 'TRUNC', zxid: max, after: max };
  if (min <= at) return isPartOf(at, committedLog) ? { kind: 'DIFF', zxid: max, after: at } : SNAP;
  if (at === ZXID_NONE || !txnLogSyncEnabled) return SNAP;
  if (extent === 'unasked') return LOCATE;
  if (extent === undefined || (extent.base !== at && !isBeginning(at))) return SNAP;
  // A leader's own disk may lag behind what the others have committed; what is between must not be left out
  // (ZOOKEEPER-2418).
  if (extent.last < min) return SNAP;
  return { kind: 'DIFF', zxid: max, after: at, upTo: min };
}

function isPartOf(peer: Zxid, log: CommittedLog): boolean {
  return isBeginning(peer) || log.zxidAt(log.indexAbove(peer) - 1) === peer;
}

/**
 * Whether it is the zxid with which an epoch begins, which no transaction has. A learner that names it has all that was
 * committed before, and no entry of that epoch to cut; and nobody can be told to cut there (Apache's leader does say TRUNC
 * to it, and its learners keep the entry that follows).
 */
function isBeginning(zxid: Zxid): boolean {
  return counterOf(zxid) === 0;
}

const SNAP: SyncPlan = { kind: 'SNAP' };
const LOCATE: SyncPlan = { kind: 'locate' };
