import { isContiguous, type TxnLog } from '@corral/persistence';
import { JuteWriter } from '@corral/jute';
import { QuorumPacket, QuorumPacketType, type Zxid, ZXID_NONE } from '@corral/protocol';
import type { LogExtent } from '@corral/zab';
import type { RawWrite } from './quorum-link.ts';

/**
 * What the log on disk can do for a learner whose newest transaction is `zxid`: undefined where the log begins above
 * that, misses something from there on, or is longer than `bytesMax`, so that a snapshot is the shorter way.
 */
export async function locate(log: TxnLog, zxid: Zxid, bytesMax: number): Promise<LogExtent | undefined> {
  await log.sync();
  let base: Zxid | undefined;
  let last: Zxid | undefined;
  let bytesAbove = 0;
  const look = (from: Zxid): Promise<void> =>
    reading(
      log.read(from, (entry) => {
        if (entry.zxid <= zxid) base = entry.zxid;
        else if (base === undefined) throw ENOUGH;
        else {
          bytesAbove += entry.bytes.length;
          // A crash behind a SNAP leaves the log of before, with the snapshot above its end.
          if (bytesAbove > bytesMax || !isContiguous(last!, entry.zxid)) {
            base = undefined;
            throw ENOUGH;
          }
        }
        last = entry.zxid;
      }),
    );
  // Nearly always the log has that very transaction, and finding it is a short way.
  if (zxid > ZXID_NONE) await look((zxid - 1) as Zxid);
  if (base === undefined) await look(ZXID_NONE);
  if (base === undefined) return undefined;
  return { base, last: log.lastZxid };
}

/**
 * Sends every transaction of the log above `after` up to `upTo`, each proposed and committed.
 *
 * @throws where the log does not reach `upTo`
 */
export async function sendLog(
  log: TxnLog,
  after: Zxid,
  upTo: Zxid,
  write: RawWrite,
  onProgress: () => void,
): Promise<void> {
  await log.sync();
  let w = new JuteWriter(CHUNK_BYTES);
  let last = after;
  await reading(
    log.read(after, (entry) => {
      if (entry.zxid > upTo) throw ENOUGH;
      if (last !== after && !isContiguous(last, entry.zxid))
        throw new Error(`the log misses what follows ${last}`);
      last = entry.zxid;
      new QuorumPacket(QuorumPacketType.PROPOSAL, entry.zxid, entry.bytes, null).write(w);
      new QuorumPacket(QuorumPacketType.COMMIT, entry.zxid, null, null).write(w);
      if (w.length < CHUNK_BYTES) return undefined;
      const full = w.bytes();
      w = new JuteWriter(CHUNK_BYTES);
      onProgress();
      return write(full);
    }),
  );
  if (last !== upTo) throw new Error(`the log ends with ${last}, not with ${upTo}`);
  await write(w.bytes());
}

/** A log is read to its end, unless its reader has had enough. */
async function reading(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
}

const ENOUGH = new Error('enough of the log has been read');
const CHUNK_BYTES = 64 * 1024;
