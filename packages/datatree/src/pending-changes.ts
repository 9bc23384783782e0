import { EphemeralType } from '@corral/protocol';
import { ChangeRecord } from './change-record.ts';
import type { DataTree } from './data-tree.ts';
import {
  BODY_CRC,
  DIGEST,
  type NodeId,
  STAT_AVERSION,
  STAT_CHILDREN,
  STAT_CTIME,
  STAT_CZXID,
  STAT_MTIME,
  STAT_MZXID,
  STAT_PZXID,
  STAT_VERSION,
} from './node-record.ts';
import { OwnedPaths } from './owned-paths.ts';
import { bodyCrcOf, DigestSum, isDigested } from './tree-digest.ts';

/**
 * The tree as it will be: what is prepared but not applied, over the tree that is (outstandingChanges). Bounded
 * by whoever bounds the requests in flight: each leaves two records, a multi two for every operation, the close
 * of a session two for every ephemeral node.
 */
export class PendingChanges {
  /** The tree's digest after everything prepared. */
  readonly digest: DigestSum = new DigestSum();
  readonly #tree: DataTree;
  readonly #byPath: Map<string, ChangeRecord> = new Map();
  /** In order of preparation, from `#first` to `#end`: a list that is not shrunk and grown for every request. */
  readonly #queue: ChangeRecord[] = [];
  #first = 0;
  #end = 0;
  readonly #owned: OwnedPaths = new OwnedPaths();
  /** What the request being prepared has displaced, for taking it back. */
  readonly #displaced: (ChangeRecord | undefined)[] = [];
  readonly #digestBefore: DigestSum = new DigestSum();

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  get count(): number {
    return this.#end - this.#first;
  }

  /** A request begins. */
  begin(): void {
    this.#displaced.length = 0;
    // With nothing in flight the tree itself knows best, whatever was computed before.
    if (this.count === 0) this.digest.copyFrom(this.#tree.state.digest);
    this.#digestBefore.copyFrom(this.digest);
  }

  /** Takes back what was added since `begin`. */
  rollBack(): void {
    for (let i = this.#displaced.length; i > 0; i--) {
      const record = this.#queue[--this.#end]!;
      this.#queue[this.#end] = NONE;
      this.#owned.remove(record);
      const before = this.#displaced[i - 1];
      if (before === undefined) this.#byPath.delete(record.path);
      else this.#byPath.set(record.path, before);
    }
    this.#displaced.length = 0;
    this.digest.copyFrom(this.#digestBefore);
  }

  /** The node as it will be; undefined where there will be none. Not to be changed. */
  get(path: string): ChangeRecord | undefined {
    const key = path === '/' ? '' : path;
    const pending = this.#byPath.get(key);
    if (pending !== undefined) return pending.exists ? pending : undefined;
    const node = this.#tree.find(key);
    return node === 0 ? undefined : this.#fromTree(key, node);
  }

  exists(path: string): boolean {
    const pending = this.#byPath.get(path === '/' ? '' : path);
    return pending === undefined ? this.#tree.find(path) !== 0 : pending.exists;
  }

  /** Adds a node. Its record is complete but for the checksums. */
  create(record: ChangeRecord, data: Uint8Array | null): void {
    this.#setBody(record, data);
    this.#add(record, 0);
  }

  /** Adds what a node has become: a copy, changed in its Stat alone. */
  update(record: ChangeRecord): void {
    this.#add(record, record.digest);
  }

  /** Adds what a node has become when its data changes too. */
  updateData(record: ChangeRecord, data: Uint8Array | null): void {
    this.#setBody(record, data);
    this.#add(record, record.digest);
  }

  delete(record: ChangeRecord, zxid: number): void {
    const gone = new ChangeRecord(zxid, record.path);
    gone.exists = false;
    gone.kind = record.kind;
    gone.owner = record.owner;
    this.#add(gone, record.digest);
  }

  /**
   * Paths of the session's ephemeral nodes as they will be, in order of creation. Costs what the session owns, not
   * what is in flight: sessions expire by the thousand.
   */
  ephemerals(session: bigint): Set<string> {
    const paths = new Set<string>();
    for (const path of this.#tree.ephemerals(session)) if (this.#isOwned(path, session)) paths.add(path);
    for (const path of this.#owned.paths(session)) if (this.#isOwned(path, session)) paths.add(path);
    return paths;
  }

  /** Of a path in the tree or in flight that was the session's at some time. */
  #isOwned(path: string, session: bigint): boolean {
    const record = this.#byPath.get(path);
    return (
      record === undefined ||
      (record.exists && record.kind === EphemeralType.NORMAL && record.owner === session)
    );
  }

  /** Forgets the records of transactions up to `zxid`: they are in the tree. */
  applied(zxid: number): void {
    const queue = this.#queue;
    while (this.#first < this.#end && queue[this.#first]!.zxid <= zxid) {
      const record = queue[this.#first]!;
      if (this.#byPath.get(record.path) === record) this.#byPath.delete(record.path);
      this.#owned.remove(record);
      queue[this.#first++] = NONE;
    }
    if (this.#first === this.#end) this.#first = this.#end = 0;
    else if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#end) {
      queue.copyWithin(0, this.#first, this.#end);
      queue.length = this.#end -= this.#first;
      this.#first = 0;
    }
  }

  #add(record: ChangeRecord, digestBefore: number): void {
    if (this.#tree.options.digestEnabled) {
      if (record.exists && isDigested(record.path)) {
        record.digest = this.#tree.state.digestStat.ofFields(record, record.bodyCrc);
      }
      this.digest.subtract(digestBefore);
      this.digest.add(record.exists ? record.digest : 0);
    }
    this.#displaced.push(this.#byPath.get(record.path));
    this.#byPath.set(record.path, record);
    this.#queue[this.#end++] = record;
    this.#owned.add(record);
  }

  #setBody(record: ChangeRecord, data: Uint8Array | null): void {
    record.dataLength = data === null ? 0 : data.length;
    if (!this.#tree.options.digestEnabled) return;
    const { state } = this.#tree;
    const length = state.encodePath(record.path);
    record.bodyCrc = bodyCrcOf(state.pathBytes, length, data);
  }

  #fromTree(path: string, node: NodeId): ChangeRecord {
    const { store } = this.#tree.state;
    const record = new ChangeRecord(NOT_PENDING, path);
    record.czxid = store.statLong(node, STAT_CZXID);
    record.mzxid = store.statLong(node, STAT_MZXID);
    record.pzxid = store.statLong(node, STAT_PZXID);
    record.ctime = store.statLong(node, STAT_CTIME);
    record.mtime = store.statLong(node, STAT_MTIME);
    record.version = store.statInt(node, STAT_VERSION);
    record.cversion = store.cversion(node);
    record.aversion = store.statInt(node, STAT_AVERSION);
    record.kind = store.kind(node);
    if (record.kind !== EphemeralType.VOID) record.owner = store.owner(node);
    record.childCount = store.statInt(node, STAT_CHILDREN);
    record.dataLength = store.dataLength(node);
    record.acl = this.#tree.state.acl(node);
    record.bodyCrc = store.word(node, BODY_CRC);
    record.digest = store.word(node, DIGEST);
    return record;
  }
}

const NOT_PENDING = -1;
const COMPACT_AT = 1024;
const NONE = new ChangeRecord(NOT_PENDING, '');
