import type { JuteWriter } from '@corral/jute';
import type { Acl, Stat, Txn, Zxid } from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import type { Outcome } from './outcome.ts';

/** A handle of a node; 0 is none. Valid until the next `apply`. */
export type NodeId = number;

export interface DataTreeOptions {
  readonly digestEnabled: boolean;
  /** 64 random bits as two 32-bit words: the key of the path hash, so that nobody can choose paths that collide. */
  readonly hashSeed: readonly [number, number];
  /** TTL nodes exist (`zookeeper.extendedTypesEnabled`). */
  readonly extendedTypesEnabled: boolean;
  /** TTL nodes of 3.5.3 are known too (`zookeeper.emulate353TTLNodes`). */
  readonly emulate353TtlNodes: boolean;
}

export interface ZxidDigest {
  readonly zxid: Zxid;
  readonly version: number;
  readonly value: bigint;
}

/** The replicated state: nodes, sessions, versions, ACLs, quotas, digest. */
export class DataTree {
  readonly options: DataTreeOptions;
  lastProcessedZxid: Zxid = 0 as Zxid;
  /** Sessions that the log knows, with their timeouts in milliseconds. */
  readonly sessions: Map<bigint, number> = new Map();
  /** Transactions whose digest was not the tree's. */
  digestMismatchCount = 0;

  constructor(options: DataTreeOptions) {
    this.options = options;
  }

  /** As Apache counts: one too many, because "" and "/" are two keys for the root. */
  get nodeCount(): number {
    throw new Error('unwritten');
  }
  get ephemeralCount(): number {
    throw new Error('unwritten');
  }
  /** Characters of paths and bytes of data, as Apache adds them up. */
  get approximateDataSize(): number {
    throw new Error('unwritten');
  }
  get digest(): bigint {
    throw new Error('unwritten');
  }
  /** Every 128th zxid, the newest 1024, oldest first: what `hash` prints. */
  get digestLog(): readonly ZxidDigest[] {
    throw new Error('unwritten');
  }

  find(_path: string): NodeId {
    throw new Error('unwritten');
  }
  /** The node whose path is `bytes[start, end)`; "" and "/" are the root. No string is made. */
  findBytes(_bytes: Uint8Array, _start: number, _end: number): NodeId {
    throw new Error('unwritten');
  }

  writeStat(_node: NodeId, _w: JuteWriter): void {
    throw new Error('unwritten');
  }
  /** Length and bytes; null is the length -1. */
  writeData(_node: NodeId, _w: JuteWriter): void {
    throw new Error('unwritten');
  }
  /** A vector of names. */
  writeChildren(_node: NodeId, _w: JuteWriter): void {
    throw new Error('unwritten');
  }
  stat(_node: NodeId): Stat {
    throw new Error('unwritten');
  }
  /** A copy. */
  data(_node: NodeId): Uint8Array | null {
    throw new Error('unwritten');
  }
  dataLength(_node: NodeId): number {
    throw new Error('unwritten');
  }
  children(_node: NodeId): string[] {
    throw new Error('unwritten');
  }
  childCount(_node: NodeId): number {
    throw new Error('unwritten');
  }
  /** All nodes below. */
  descendantCount(_node: NodeId): number {
    throw new Error('unwritten');
  }
  path(_node: NodeId): string {
    throw new Error('unwritten');
  }
  /** The tree's own list: the same list is the same object, for all nodes. */
  acl(_node: NodeId): readonly Acl[] {
    throw new Error('unwritten');
  }
  czxid(_node: NodeId): Zxid {
    throw new Error('unwritten');
  }
  mzxid(_node: NodeId): Zxid {
    throw new Error('unwritten');
  }
  pzxid(_node: NodeId): Zxid {
    throw new Error('unwritten');
  }

  /** Paths of the session's ephemeral nodes, in order of creation; with a prefix, those that begin with it. */
  ephemerals(_sessionId: bigint, _prefix?: string): string[] {
    throw new Error('unwritten');
  }
  /** Sessions that have ephemeral nodes, with their paths: what `dump` prints. */
  allEphemerals(): Map<bigint, string[]> {
    throw new Error('unwritten');
  }
  /**
   * Containers and TTL nodes that may go (ContainerManager): `now` in milliseconds since 1970,
   * `neverUsedMs` the age at which a container that never had a child goes, 0 for never.
   */
  candidatesForContainerCleanup(_now: number, _neverUsedMs: number): string[] {
    throw new Error('unwritten');
  }

  /**
   * Applies one transaction. Total: never throws for what `decodeTxn` can give; a transaction that does not fit
   * the tree (replay over a fuzzy snapshot) changes what it can and says so in `error`.
   * @returns an outcome that is valid until the next `apply`
   */
  apply(_txn: Txn, _observer: ChangeObserver | undefined): Outcome {
    throw new Error('unwritten');
  }
}
