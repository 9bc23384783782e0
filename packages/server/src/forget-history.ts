import type { Storage } from '@corral/persistence';
import { ZXID_NONE } from '@corral/protocol';
import type { Recovered } from './recovery.ts';

/**
 * Only the newest snapshot stays: its tree did not come from the log here, but from a leader, or from who restored it.
 * What the log has may never have been committed, and is nothing that led to this tree: nobody may be sent it
 * (ZOOKEEPER-2846), and it may be replayed on nothing.
 */
export async function forgetHistory({ log, snapshots }: Storage): Promise<void> {
  await log.truncate(ZXID_NONE);
  await snapshots.purge(1);
}

/** The same where a crash came between such a snapshot and that: the log ends before the snapshot begins. */
export async function forgetLostHistory(storage: Storage, { tree, wantsSnapshot }: Recovered): Promise<void> {
  const { lastZxid } = storage.log;
  if (lastZxid === ZXID_NONE || lastZxid >= tree.lastProcessedZxid) return;
  // A newer snapshot is there and cannot be read: the one that can must stay.
  if (wantsSnapshot) await storage.log.truncate(ZXID_NONE);
  else await forgetHistory(storage);
}
