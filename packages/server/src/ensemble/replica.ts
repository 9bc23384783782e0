import type { DataTree, DataTreeOptions } from '@corral/datatree';
import { PersistenceError, type Storage, type TxnLog } from '@corral/persistence';
import { decodeTxn, type Txn, type Zxid, ZXID_NONE, zxidToHex } from '@corral/protocol';
import type { Clock, CollectingMetrics, Logger, Random } from '@corral/runtime';
import type { CommittedLog } from '@corral/zab';
import type { ServerConfig } from '../config.ts';
import { valueMaxOf } from '../from-config.ts';
import { forgetHistory, forgetLostHistory } from '../forget-history.ts';
import { recover, type Recovered } from '../recovery.ts';
import { Snapshotting } from '../snapshotting.ts';
import { locate } from './log-history.ts';

export interface ReplicaOptions {
  readonly storage: Storage;
  readonly treeOptions: DataTreeOptions;
  readonly committedLog: CommittedLog;
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: CollectingMetrics;
}

/**
 * This member's copy of the state: the tree in memory, log and snapshots on disk, and between them what is logged but not
 * known to be committed. It outlives the roles this server has.
 */
export class Replica {
  readonly storage: Storage;
  readonly committedLog: CommittedLog;
  readonly #o: ReplicaOptions;
  readonly #uncommitted: Txn[] = [];
  readonly #entries: Uint8Array[] = [];
  #first = 0;
  /** The tree came from a leader, and the disk does not have it yet. */
  #isVolatile = false;
  #tree: DataTree;
  #snapshotting: Snapshotting;

  private constructor(options: ReplicaOptions, tree: DataTree, replayed: number) {
    this.storage = options.storage;
    this.committedLog = options.committedLog;
    this.#o = options;
    this.#tree = tree;
    this.#snapshotting = this.#snapshottingOf(tree, replayed);
  }

  /** The state as the storage has it. @throws PersistenceError `DAMAGED` */
  static async load(options: ReplicaOptions): Promise<{ replica: Replica; wantsSnapshot: boolean }> {
    const { tree, replayed, wantsSnapshot } = await loadTree(options);
    return { replica: new Replica(options, tree, replayed), wantsSnapshot };
  }

  get tree(): DataTree {
    return this.#tree;
  }

  get snapshotting(): Snapshotting {
    return this.#snapshotting;
  }

  /** The newest transaction this server has, committed or not: what it votes with. */
  get lastZxid(): Zxid {
    return this.#uncommitted.at(-1)?.header.zxid ?? this.#tree.lastProcessedZxid;
  }

  /** Remembers a transaction for its commit; `entry`, and `txn` that was decoded from it, belong to the replica from here on. */
  hold(txn: Txn, entry: Uint8Array): void {
    this.#uncommitted.push(txn);
    this.#entries.push(entry);
  }

  /** The next transaction at or below `zxid`, taken; undefined when there is none any more. */
  takeCommitted(zxid: Zxid): Txn | undefined {
    const txn = this.#uncommitted[this.#first];
    if (txn === undefined || txn.header.zxid > zxid) return undefined;
    // Apache's leaders propose what they cannot read under the zxid before it.
    if (txn.header.zxid > this.committedLog.max)
      this.committedLog.add(txn.header.zxid, this.#entries[this.#first]!);
    this.#first++;
    if (this.#first === this.#uncommitted.length || this.#first >= COMPACT_AT) this.#compact();
    return txn;
  }

  /**
   * Makes of what is logged what is voted for: everything that reached the log here may have been committed by a
   * quorum, so this server has to stand for it (ZKDatabase.fastForwardDataBase). A tree from a leader that never
   * became durable is thrown away.
   */
  async settle(): Promise<void> {
    this.#forget();
    const { log } = this.storage;
    await log.sync();
    if (this.#isVolatile) return this.#reload();
    await log.read(this.#tree.lastProcessedZxid, ({ zxid, bytes }) => {
      const entry = bytes.slice();
      this.#tree.apply(decodeTxn(entry), undefined);
      this.committedLog.add(zxid, entry);
    });
  }

  /**
   * Forgets every entry of the log above `zxid`, and what snapshots have of it; the tree is built anew from disk.
   *
   * @throws PersistenceError where the disk has no such state; nothing is changed then
   */
  async truncate(zxid: Zxid): Promise<void> {
    const { snapshots, log } = this.storage;
    await this.#snapshotting.stop();
    const listed = await snapshots.list();
    const isInLog = await hasEntry(log, zxid);
    // What a snapshot begins with need not be in the log.
    const isReachable = isInLog || listed.some((info) => info.zxid === zxid);
    if (!isReachable || !listed.some((info) => info.zxid <= zxid))
      throw new PersistenceError('NOT_FOUND', `nothing on disk ends at ${zxidToHex(zxid)}`);
    await snapshots.discardAbove(zxid);
    await log.truncate(isInLog ? zxid : await newestEntry(log, zxid));
    await this.#reload();
  }

  /** The leader's tree takes the place of the one before. It is not durable before `keepAdopted`. */
  async adopt(tree: DataTree): Promise<void> {
    await this.#snapshotting.stop();
    this.#forget();
    this.committedLog.clear();
    this.#isVolatile = true;
    this.#tree = tree;
    this.#snapshotting = this.#snapshottingOf(tree, 0);
  }

  /**
   * Makes durable what `adopt` took, in place of all that the disk has: first entries that were never committed go, then the
   * snapshot comes, then the rest goes, which others must not be sent as history (ZOOKEEPER-2832, 2846). Snapshots above
   * stay until then: where there is no other, a crash before the new one would leave a server that never had anything.
   */
  async keepAdopted(): Promise<void> {
    const { snapshots, log } = this.storage;
    const { lastProcessedZxid } = this.#tree;
    if (log.lastZxid > lastProcessedZxid) await log.truncate(await newestEntry(log, lastProcessedZxid));
    await this.#snapshotting.take();
    await snapshots.discardAbove(lastProcessedZxid);
    await forgetHistory(this.storage);
    this.#isVolatile = false;
  }

  /** Throws away what is in memory, and builds the tree anew from disk. */
  async reload(): Promise<void> {
    await this.#snapshotting.stop();
    await this.#reload();
  }

  async #reload(): Promise<void> {
    this.#forget();
    this.committedLog.clear();
    const { tree, replayed } = await loadTree(this.#o);
    this.#isVolatile = false;
    this.#tree = tree;
    this.#snapshotting = this.#snapshottingOf(tree, replayed);
  }

  #snapshottingOf(tree: DataTree, replayed: number): Snapshotting {
    const { storage, config, clock, random, logger, metrics } = this.#o;
    return new Snapshotting({ tree, storage, replayed, config, clock, random, logger, metrics });
  }

  #forget(): void {
    this.#uncommitted.length = this.#entries.length = this.#first = 0;
  }

  #compact(): void {
    this.#uncommitted.splice(0, this.#first);
    this.#entries.splice(0, this.#first);
    this.#first = 0;
  }
}

async function hasEntry(log: TxnLog, zxid: Zxid): Promise<boolean> {
  if (zxid === ZXID_NONE) return true;
  return (await locate(log, zxid, Number.POSITIVE_INFINITY))?.base === zxid;
}

/** The newest entry at or below `zxid`; 0 where there is none. */
async function newestEntry(log: TxnLog, zxid: Zxid): Promise<Zxid> {
  return (await locate(log, zxid, Number.POSITIVE_INFINITY))?.base ?? ZXID_NONE;
}

async function loadTree(options: ReplicaOptions): Promise<Recovered> {
  const { storage, treeOptions: tree, config, clock, logger, metrics, committedLog } = options;
  const recovered = await recover({
    storage,
    tree,
    valueMax: valueMaxOf(config),
    snapshotTrustEmpty: config.snapshotTrustEmpty,
    onReplayed: (zxid, entry) => committedLog.add(zxid, entry.slice()),
    clock,
    logger,
    metrics,
  });
  await forgetLostHistory(storage, recovered);
  return recovered;
}

const COMPACT_AT = 1024;
