import { DataTree, type DataTreeOptions, SnapshotLoader } from '@corral/datatree';
import {
  ContiguityCheck,
  type LogEntry,
  PersistenceError,
  type SnapshotInfo,
  type Storage,
} from '@corral/persistence';
import { decodeTxn, epochOf, type Txn, type Zxid, zxidToHex } from '@corral/protocol';
import type { Clock, Logger, Metrics } from '@corral/runtime';
import { toError } from './to-error.ts';

export interface RecoveryOptions {
  readonly storage: Storage;
  readonly tree: DataTreeOptions;
  /** The longest path or data believed, in bytes. */
  readonly valueMax: number;
  readonly snapshotTrustEmpty: boolean;
  /** Told of every transaction replayed; `entry` is valid during the call. */
  readonly onReplayed?: (zxid: Zxid, entry: Uint8Array) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface Recovered {
  readonly tree: DataTree;
  /** Transactions replayed over the snapshot. */
  readonly replayed: number;
  /** There is no whole snapshot that a later start could begin with, or not the newest one. */
  readonly wantsSnapshot: boolean;
}

/**
 * The tree as the storage has it: the newest snapshot that is whole, and the log from there on. A tree that was
 * built in part from something damaged is thrown away, indexes and all; a log with a hole is not served.
 *
 * @throws PersistenceError `DAMAGED`, with file and offset
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { storage, logger, clock, metrics } = options;
  const begun = clock.monotonic();
  const listed = await storage.snapshots.list();
  const loaded = await newestWhole(listed, options);
  const tree = loaded?.tree ?? new DataTree(options.tree);
  if (loaded === undefined && !storage.state.isEmpty && !options.snapshotTrustEmpty) {
    throw new PersistenceError(
      'DAMAGED',
      'there is data but no whole snapshot; set snapshot.trust.empty=true to build the tree from the log alone',
    );
  }
  const snapshotMs = clock.monotonic() - begun;
  const replayed = await replay(tree, options);
  if (tree.lastProcessedZxid < (loaded?.coveredZxid ?? 0)) {
    throw new PersistenceError(
      'DAMAGED',
      `the log ends at ${zxidToHex(tree.lastProcessedZxid)}, but the snapshot has seen ${zxidToHex(loaded!.coveredZxid)}`,
      { file: loaded!.info.name },
    );
  }
  const { mismatchCount, firstMismatch } = tree.digests;
  if (mismatchCount > 0) {
    logger.warn(
      {
        mismatches: mismatchCount,
        first: firstMismatch === undefined ? undefined : zxidToHex(firstMismatch),
      },
      'digests of the log are not those of the tree',
    );
  }
  const totalMs = clock.monotonic() - begun;
  metrics.summary('startup_snap_load_time').observe(snapshotMs);
  metrics.summary('startup_txns_loaded').observe(replayed);
  metrics.summary('startup_txns_load_time').observe(totalMs - snapshotMs);
  metrics.summary('dbinittime').observe(totalMs);
  logger.info(
    {
      snapshot: loaded?.info.name,
      replayed,
      zxid: zxidToHex(tree.lastProcessedZxid),
      nodes: tree.nodeCount,
      sessions: tree.sessions.size,
      ms: Math.round(totalMs),
    },
    'data loaded',
  );
  return { tree, replayed, wantsSnapshot: loaded === undefined || loaded.info !== listed[0] };
}

interface Loaded {
  readonly tree: DataTree;
  readonly info: SnapshotInfo;
  /** Everything up to it may be in the snapshot, so the log must reach it. */
  readonly coveredZxid: Zxid;
}

async function newestWhole(
  listed: readonly SnapshotInfo[],
  { storage, tree, valueMax, logger }: RecoveryOptions,
): Promise<Loaded | undefined> {
  let failure: unknown;
  for (const info of listed) {
    const loader = new SnapshotLoader(tree, valueMax);
    try {
      const trailer = await storage.snapshots.load(info, loader);
      if (loader.unknownAclCount > 0) {
        logger.warn(
          { snapshot: info.name, nodes: loader.unknownAclCount },
          'nodes whose ACL is not in the snapshot: closed to all but super until the log says what it is',
        );
      }
      return {
        tree: loader.finish(info.zxid, trailer.digest),
        info,
        coveredZxid: trailer.lastProcessedZxid ?? trailer.digest?.zxid ?? info.zxid,
      };
    } catch (error) {
      failure = error;
      logger.warn(
        { snapshot: info.name, error: toError(error) },
        'snapshot cannot be used, trying the one before',
      );
    }
  }
  if (listed.length === 0) return undefined;
  throw new PersistenceError('DAMAGED', `none of ${listed.length} snapshots can be used`, {
    file: listed[0]!.name,
    cause: failure,
  });
}

/**
 * Zxids show a gap within an epoch, but not where one ends: there the digest that the next transaction carries tells
 * whether all that came before is in the tree.
 */
async function replay(tree: DataTree, { storage, onReplayed }: RecoveryOptions): Promise<number> {
  const check = new ContiguityCheck(tree.lastProcessedZxid);
  let count = 0;
  await storage.log.read(tree.lastProcessedZxid, (entry) => {
    const isNewEpoch = epochOf(entry.zxid) > epochOf(check.last);
    const before = tree.digests.mismatchCount;
    check.pass(entry);
    tree.apply(readEntry(entry), undefined);
    if (isNewEpoch && before === 0 && tree.digests.mismatchCount > 0)
      throw damaged('the digest says that transactions of the epoch before are missing', entry);
    onReplayed?.(entry.zxid, entry.bytes);
    count++;
  });
  return count;
}

function readEntry(entry: LogEntry): Txn {
  let txn: Txn;
  try {
    txn = decodeTxn(entry.bytes);
  } catch (cause) {
    throw damaged('a transaction that cannot be read', entry, cause);
  }
  if (txn.header.zxid !== entry.zxid) throw damaged('a transaction with another zxid than its entry', entry);
  return txn;
}

function damaged(message: string, { file, offset }: LogEntry, cause?: unknown): PersistenceError {
  return new PersistenceError('DAMAGED', message, { file, offset, cause });
}
