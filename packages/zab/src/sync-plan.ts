import { counterOf, epochOf, type Zxid } from '@corral/protocol';
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
 */
export function planSync(peer: number, source: SyncSource, extent?: LogExtent | 'unasked'): SyncPlan {
  const { committedLog, lastProcessed } = source;
  const min = committedLog.size === 0 ? lastProcessed : committedLog.min;
  const max = committedLog.size === 0 ? lastProcessed : committedLog.max;

  if (source.forceSnapshotSync || peer < 0) return SNAP;
  const at = peer as Zxid;
  if (at === lastProcessed) return { kind: 'DIFF', zxid: at, after: at };
  if (at > max && !isBeginning(at)) return { kind: 'TRUNC', zxid: max, after: max };
  if (min <= at && at <= max) return planFromMemory(at, max, committedLog);
  if (at > max || !source.txnLogSyncEnabled) return SNAP;
  return extent === 'unasked' ? LOCATE : planFromDisk(at, min, max, extent);
}

function planFromMemory(peer: Zxid, max: Zxid, log: CommittedLog): SyncPlan {
  const above = log.indexAbove(peer);
  if (above === 0) return SNAP; // of an empty log: `peer` would be `lastProcessed`
  const previous = log.zxidAt(above - 1);
  if (previous === peer || isBeginning(peer)) return { kind: 'DIFF', zxid: max, after: peer };
  // The learner has what this leader has not: it led, or followed another leader, alone. A learner that is told to cut
  // across epochs cannot.
  if (epochOf(log.zxidAt(above)) !== epochOf(peer)) return SNAP;
  return { kind: 'TRUNC', zxid: previous, after: previous };
}

/**
 * Contiguous entries leave no zxid of their own epoch out, so an unknown zxid always lies between epochs, where a learner
 * cannot be told to cut: TRUNC does not come from the disk.
 */
function planFromDisk(peer: Zxid, min: Zxid, max: Zxid, extent: LogExtent | undefined): SyncPlan {
  if (extent === undefined) return SNAP;
  if (extent.base !== peer && !isBeginning(peer)) return SNAP;
  // A leader's own disk may lag behind what the others have committed; what is between must not be left out
  // (ZOOKEEPER-2418).
  if (extent.last < min) return SNAP;
  return { kind: 'DIFF', zxid: max, after: peer, upTo: min };
}

/**
 * Whether it is the zxid with which an epoch begins, which no transaction has. A learner that names it has all that was
 * committed before, and no log entry of that epoch to cut.
 */
function isBeginning(zxid: Zxid): boolean {
  return counterOf(zxid) === 0;
}

const SNAP: SyncPlan = { kind: 'SNAP' };
const LOCATE: SyncPlan = { kind: 'locate' };
