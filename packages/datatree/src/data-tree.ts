import type { JuteWriter } from '@corral/jute';
import {
  type Acl,
  type EphemeralTypeSettings,
  READ_ACL_UNSAFE,
  type Stat,
  type Txn,
  ttlOfEphemeralOwner,
  type Zxid,
} from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import { Changes } from './changes.ts';
import { CONFIG_NODE, CONFIG_VERSION } from './config-node.ts';
import { DigestLog } from './digest-log.ts';
import {
  DESCENDANTS,
  FIRST_CHILD,
  NEXT,
  type NodeId,
  ROOT,
  STAT_CHILDREN,
  STAT_CZXID,
  STAT_MTIME,
  STAT_MZXID,
  STAT_PZXID,
} from './node-record.ts';
import type { Outcome } from './outcome.ts';
import { type Quota, Quotas } from './quotas.ts';
import { TreeState } from './tree-state.ts';
import { TxnApplication } from './txn-application.ts';
import { untilNow } from './until-now.ts';

export interface DataTreeOptions extends EphemeralTypeSettings {
  readonly digestEnabled: boolean;
  /** 64 random bits as two 32-bit words: the key of the path hash, so that nobody can choose paths that collide. */
  readonly hashSeed: readonly [number, number];
}

/**
 * The replicated state: nodes, sessions, versions, ACLs, quotas, digest. The same transactions in the same order
 * give the same tree, wherever they are applied.
 */
export class DataTree {
  readonly options: DataTreeOptions;
  /** The newest transaction applied. Moves when all of it is, sessions and every part of a multi included. */
  lastProcessedZxid: Zxid = 0 as Zxid;
  /** Sessions of the log with their timeouts in milliseconds. Changed by `apply` alone. */
  readonly sessions: Map<bigint, number>;
  readonly digests: DigestLog;
  /** For the rest of this package: no part of the contract. */
  readonly state: TreeState;
  /** For the rest of this package: no part of the contract. */
  readonly quotas: Quotas;
  readonly #application: TxnApplication;
  readonly #changes: Changes;

  constructor(options: DataTreeOptions, loaded?: LoadedTree) {
    this.options = options;
    this.state = loaded?.state ?? new TreeState(options);
    this.sessions = loaded?.sessions ?? new Map();
    this.quotas = new Quotas(this.state);
    this.digests = new DigestLog(this.state.digest, options.digestEnabled);
    const changes = new Changes(this.state, this.quotas);
    this.#changes = changes;
    this.#application = new TxnApplication(this.state, changes, this.sessions);
    if (loaded === undefined) plant(this.state, changes);
    else this.quotas.rebuild();
  }

  /** As Apache counts: one too many, because "" and "/" are two keys for the root. */
  get nodeCount(): number {
    return this.state.store.count + 1;
  }

  get ephemeralCount(): number {
    return this.state.owners.ephemeralCount;
  }

  /** What nodes take outside the JavaScript heap, in bytes: records, names, data, and the index of paths. */
  get memoryBytes(): number {
    return this.state.memoryBytes;
  }

  /** Bytes of paths and data. */
  get approximateDataSize(): number {
    return this.state.approximateDataSize;
  }

  /** The sum of the digests of all nodes, a signed long; 0 where digests are off. */
  get digest(): bigint {
    return this.state.digest.value;
  }

  find(path: string): NodeId {
    const length = this.state.encodePath(path);
    return this.state.find(this.state.pathBytes, 0, length);
  }

  /** The node whose path is `bytes[start, end)`; "" and "/" are the root. No string is made. 0 where there is none. */
  findBytes(bytes: Uint8Array, start: number, end: number): NodeId {
    if (end === start + 1 && bytes[start] === SLASH) return ROOT;
    return this.state.find(bytes, start, end);
  }

  /** 68 bytes. */
  writeStat(node: NodeId, w: JuteWriter): void {
    this.state.store.writeStat(node, w);
  }

  /** Length and bytes; null is the length -1. */
  writeData(node: NodeId, w: JuteWriter): void {
    this.state.store.writeData(node, w);
  }

  /** A vector of names, in order of creation. */
  writeChildren(node: NodeId, w: JuteWriter): void {
    const { store } = this.state;
    w.writeInt(this.childCount(node));
    for (let child = store.word(node, FIRST_CHILD); child !== 0; child = store.word(child, NEXT)) {
      store.writeName(child, w);
    }
  }

  stat(node: NodeId): Stat {
    return this.state.store.stat(node);
  }

  /** A copy. */
  data(node: NodeId): Uint8Array | null {
    return this.state.store.data(node);
  }

  dataLength(node: NodeId): number {
    return this.state.store.dataLength(node);
  }

  /** Names, in order of creation. */
  children(node: NodeId): string[] {
    const { store } = this.state;
    const names: string[] = [];
    for (let child = store.word(node, FIRST_CHILD); child !== 0; child = store.word(child, NEXT)) {
      names.push(store.name(child));
    }
    return names;
  }

  childCount(node: NodeId): number {
    return this.state.store.statInt(node, STAT_CHILDREN);
  }

  /** All nodes below. */
  descendantCount(node: NodeId): number {
    return this.state.store.word(node, DESCENDANTS);
  }

  path(node: NodeId): string {
    return this.state.pathOf(node);
  }

  /** The tree's own list, the same object for every node that has it. */
  acl(node: NodeId): readonly Acl[] {
    return this.state.acl(node);
  }

  /** Different lists in use. */
  get aclCount(): number {
    return this.state.acls.size;
  }

  czxid(node: NodeId): Zxid {
    return this.state.store.statLong(node, STAT_CZXID) as Zxid;
  }

  mzxid(node: NodeId): Zxid {
    return this.state.store.statLong(node, STAT_MZXID) as Zxid;
  }

  pzxid(node: NodeId): Zxid {
    return this.state.store.statLong(node, STAT_PZXID) as Zxid;
  }

  /** Paths of the session's ephemeral nodes that begin with `prefix`, in order of creation. */
  ephemerals(sessionId: bigint, prefix = ''): string[] {
    const paths = Array.from(this.state.owners.ofSession(sessionId), (node) => this.path(node));
    return prefix === '' ? paths : paths.filter((path) => path.startsWith(prefix));
  }

  /** Sessions that have ephemeral nodes: after a load of Apache's files also such as are not in `sessions`. */
  ephemeralOwners(): bigint[] {
    return [...this.state.owners.sessions];
  }

  get ephemeralOwnerCount(): number {
    return this.state.owners.sessionCount;
  }

  /**
   * Sessions that have ephemeral nodes, with their paths: what `dump` prints. May be walked step by step while nodes
   * come and go.
   */
  *allEphemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]> {
    const { owners } = this.state;
    for (const session of untilNow(owners.sessions, owners.sessionCount)) {
      yield [session, this.#ephemeralPaths(session)];
    }
  }

  *#ephemeralPaths(session: bigint): Iterable<string> {
    const nodes = this.state.owners.ofSession(session);
    for (const node of untilNow(nodes, nodes.size)) yield this.path(node);
  }

  /**
   * Containers and TTL nodes that may go (ContainerManager.getCandidates), and `undefined` between them whenever many
   * have been looked at: whoever walks lets others work then. May be walked while nodes come and go.
   *
   * @param now milliseconds since 1970
   * @param neverUsedMs the age at which a container that never had a child goes; 0 is never
   */
  *candidatesForContainerCleanup(now: number, neverUsedMs: number): Generator<string | undefined, void> {
    const { store, owners } = this.state;
    let looks = 0;
    for (const node of untilNow(owners.containers, owners.containers.size)) {
      if (++looks % LOOKS_IN_A_ROW === 0) yield undefined;
      if (this.childCount(node) > 0) continue;
      const age = now - store.statLong(node, STAT_MTIME);
      if (store.cversion(node) > 0 || (neverUsedMs !== 0 && age > neverUsedMs)) yield this.path(node);
    }
    if (!this.options.extendedTypesEnabled) return;
    for (const node of untilNow(owners.ttls, owners.ttls.size)) {
      if (++looks % LOOKS_IN_A_ROW === 0) yield undefined;
      if (this.childCount(node) > 0) continue;
      const ttl = ttlOfEphemeralOwner(store.owner(node));
      if (ttl !== 0 && now - store.statLong(node, STAT_MTIME) > ttl) yield this.path(node);
    }
  }

  /** All quotas with their limits and what is used of them. */
  listQuotas(): Quota[] {
    return this.quotas.list();
  }

  /**
   * What /zookeeper/config says of the ensemble, where no transaction says it: each member writes it for itself, its
   * version being that of the configuration (ZKDatabase.initConfigInZKDatabase). Digests know nothing of that node.
   *
   * @param time milliseconds since 1970
   */
  setConfig(text: Uint8Array, zxid: Zxid, time: number): void {
    this.#changes.setData(CONFIG_NODE, text, CONFIG_VERSION, zxid, time, undefined);
  }

  /** The zxid of the transaction, or configuration, that gave /zookeeper/config its data. */
  get configZxid(): Zxid {
    return this.mzxid(this.find(CONFIG_NODE));
  }

  /**
   * Applies one transaction. Total: never throws for what `decodeTxn` can give. A transaction that does not fit
   * the tree, as when a log is replayed over an image that has some of it, changes what it can and says so in
   * `error`.
   *
   * @returns an outcome that is valid until the next `apply`
   */
  apply(txn: Txn, observer: ChangeObserver | undefined): Outcome {
    const outcome = this.#application.apply(txn, observer);
    const { zxid } = txn.header;
    if (zxid > this.lastProcessedZxid) this.lastProcessedZxid = zxid;
    this.digests.applied(zxid, txn.digest);
    return outcome;
  }
}

/** What a `SnapshotLoader` has built. */
export interface LoadedTree {
  readonly state: TreeState;
  readonly sessions: Map<bigint, number>;
}

/** Less than a millisecond. */
const LOOKS_IN_A_ROW = 5000;

/** /zookeeper/config may be read by all and changed by nobody but super (ZOOKEEPER-2014). */
function plant(state: TreeState, changes: Changes): void {
  changes.addRoot();
  changes.addBuiltIn('/zookeeper');
  changes.addBuiltIn('/zookeeper/quota');
  const config = changes.addBuiltIn(CONFIG_NODE);
  state.setAcl(config, READ_ACL_UNSAFE);
  state.setAversion(config, -1);
}

const SLASH = 0x2f;
