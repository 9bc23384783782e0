import { utf8Decode } from '@corral/jute';
import { Acl, EphemeralType, type Zxid } from '@corral/protocol';
import { OPEN_ACL } from './acl-cache.ts';
import { DataTree, type DataTreeOptions } from './data-tree.ts';
import type { ZxidDigest } from './digest-log.ts';
import {
  ACL,
  bytesAt,
  type NodeId,
  NOT_DIGESTED,
  ROOT,
  STAT_AVERSION,
  STAT_CTIME,
  STAT_CVERSION,
  STAT_CZXID,
  STAT_MTIME,
  STAT_MZXID,
  STAT_PZXID,
} from './node-record.ts';
import { SnapshotError, type SnapshotErrorCode } from './snapshot-error.ts';
import { SnapshotParser, type SnapshotVisitor } from './snapshot-parser.ts';
import { TreeState } from './tree-state.ts';

/**
 * Builds a fresh tree from the body of a snapshot, Apache's or an image of ours (DataTree.deserialize). Every
 * index is made anew from the nodes. After an error throw the loader away: nothing of what it read is left
 * anywhere else.
 */
export class SnapshotLoader {
  readonly #options: DataTreeOptions;
  readonly #builder: TreeBuilder;
  readonly #parser: SnapshotParser;

  /** @param valueMax the longest path or data believed, in bytes: `jute.maxbuffer` plus extrasize */
  constructor(options: DataTreeOptions, valueMax?: number) {
    this.#options = options;
    this.#builder = new TreeBuilder(options);
    this.#parser = new SnapshotParser(this.#builder, valueMax);
  }

  /** The body's end has been seen. */
  get ended(): boolean {
    return this.#parser.ended;
  }

  /**
   * Nodes whose ACL list is not in the file, which Apache's fuzzy snapshots allow: nobody but super may use them
   * until replay says what their list is.
   */
  get unknownAclCount(): number {
    return this.#builder.unknownAclCount;
  }

  /**
   * Takes the next bytes and returns how many of them belong to the body: fewer than all only where it ends in them.
   *
   * @throws SnapshotError where the bytes make no tree
   */
  push(chunk: Uint8Array): number {
    return this.#parser.push(chunk);
  }

  /**
   * The tree. To be called once, when the body has ended.
   *
   * @param zxid the snapshot's
   * @param digest what the trailer said; compared when replay gets to its zxid
   */
  finish(zxid: Zxid, digest?: ZxidDigest): DataTree {
    if (!this.ended) throw new TypeError('the body of the snapshot has not ended');
    const { state, sessions } = this.#builder;
    const tree = new DataTree(this.#options, { state, sessions });
    tree.lastProcessedZxid = zxid;
    if (digest !== undefined) tree.digests.expect(digest, zxid);
    return tree;
  }
}

/** Makes records of snapshots into nodes. */
class TreeBuilder implements SnapshotVisitor {
  readonly state: TreeState;
  readonly sessions: Map<bigint, number> = new Map();
  unknownAclCount = 0;
  #hasRoot = false;
  /** The tree's ids of lists by the file's. */
  readonly #aclIds: Map<bigint, number> = new Map([[-1n, OPEN_ACL]]);
  readonly #deniedAcl: number;
  /** The file's ACL id of the last node, in halves, and what it means: mostly the next node's too. */
  #aclHigh = -1;
  #aclLow = -1;
  #acl = OPEN_ACL;
  #isAclKnown = true;
  /** The path of the last node's parent: mostly the next node's too. */
  #parentPath: Uint8Array = new Uint8Array(256);
  #parentPathLength = -1;
  #parent: NodeId = 0;

  constructor(options: DataTreeOptions) {
    this.state = new TreeState(options);
    this.#deniedAcl = this.state.acls.intern(DENIED);
  }

  session(id: bigint, timeout: number): void {
    this.sessions.set(id, timeout);
  }

  acl(id: bigint, acls: readonly Acl[], offset: number): void {
    if (this.#aclIds.has(id)) throw new SnapshotError('BAD_VALUE', offset, `ACL ${id} a second time`);
    this.#aclIds.set(id, this.state.acls.intern(acls));
  }

  node(
    bytes: Uint8Array,
    view: DataView,
    pathStart: number,
    pathEnd: number,
    isDataNull: boolean,
    dataStart: number,
    dataEnd: number,
    offset: number,
  ): void {
    const node = pathStart === pathEnd ? this.#root(offset) : this.#add(bytes, pathStart, pathEnd, offset);
    const data = isDataNull ? null : bytes;
    this.state.setDataRange(node, bytes, pathStart, pathEnd, data, dataStart, dataEnd);
    this.#setAcl(node, view, dataEnd);
    this.#setStat(node, bytes, view, dataEnd + 8, offset);
    this.state.rehash(node);
  }

  end(offset: number): void {
    if (!this.#hasRoot) throw new SnapshotError('NO_PARENT', offset, 'no root');
    // The table itself held each list once; what no node uses goes.
    for (const id of this.#aclIds.values()) this.state.acls.release(id);
    this.state.acls.release(this.#deniedAcl);
  }

  #root(offset: number): NodeId {
    if (this.#hasRoot) throw new SnapshotError('BAD_PATH', offset, 'the root a second time');
    this.#hasRoot = true;
    return ROOT;
  }

  #add(bytes: Uint8Array, start: number, end: number, offset: number): NodeId {
    let slash = end - 1;
    while (slash >= start && bytes[slash] !== SLASH) slash--;
    if (slash < start || slash + 1 === end)
      throw pathError('BAD_PATH', offset, 'no name in', bytes, start, end);
    if (!isText(bytes, slash + 1, end)) throw pathError('BAD_PATH', offset, 'not UTF-8:', bytes, start, end);
    const parent = this.#parentAt(bytes, start, slash);
    if (parent === 0) throw pathError('NO_PARENT', offset, 'nothing above', bytes, start, end);
    if (this.state.find(bytes, start, end) !== 0)
      throw pathError('BAD_PATH', offset, 'a second', bytes, start, end);
    const node = this.state.add(parent, bytes, start, end, slash + 1);
    if (isBelowZookeeper(bytes, start, end)) this.state.store.set(node, NOT_DIGESTED, true);
    return node;
  }

  #parentAt(bytes: Uint8Array, start: number, end: number): NodeId {
    if (this.#isParentPath(bytes, start, end)) return this.#parent;
    if (!this.#hasRoot) return 0;
    const length = end - start;
    if (length > this.#parentPath.length) this.#parentPath = new Uint8Array(length * 2);
    this.#parentPath.set(bytes.subarray(start, end));
    this.#parentPathLength = length;
    this.#parent = this.state.find(bytes, start, end);
    return this.#parent;
  }

  #isParentPath(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start !== this.#parentPathLength) return false;
    const known = this.#parentPath;
    for (let i = start, k = 0; i < end; i++, k++) if (bytes[i] !== known[k]) return false;
    return true;
  }

  #setAcl(node: NodeId, view: DataView, at: number): void {
    const high = view.getInt32(at);
    const low = view.getInt32(at + 4);
    if (high !== this.#aclHigh || low !== this.#aclLow) {
      const known = this.#aclIds.get(view.getBigInt64(at));
      this.#acl = known ?? this.#deniedAcl;
      this.#isAclKnown = known !== undefined;
      this.#aclHigh = high;
      this.#aclLow = low;
    }
    if (!this.#isAclKnown) this.unknownAclCount++;
    this.state.acls.retain(this.#acl);
    this.state.store.setWord(node, ACL, this.#acl);
  }

  /** From the 60 bytes of the file (StatPersisted) to the record's 68. */
  #setStat(node: NodeId, bytes: Uint8Array, view: DataView, at: number, offset: number): void {
    const { store } = this.state;
    const record = store.segment(node).bytes;
    const base = bytesAt(node);
    for (let i = 0; i < FILE_CVERSION; i++) record[base + i] = bytes[at + i]!;
    for (let i = 0; i < 4; i++) record[base + STAT_AVERSION + i] = bytes[at + FILE_AVERSION + i]!;
    for (let i = 0; i < 8; i++) record[base + STAT_PZXID + i] = bytes[at + FILE_PZXID + i]!;
    for (const field of ZXIDS) {
      const zxid = store.statLong(node, field);
      if (zxid < 0 || !Number.isSafeInteger(zxid))
        throw new SnapshotError('BAD_VALUE', offset, `zxid ${zxid}`);
    }
    if (
      !Number.isSafeInteger(store.statLong(node, STAT_CTIME)) ||
      !Number.isSafeInteger(store.statLong(node, STAT_MTIME))
    ) {
      throw new SnapshotError('BAD_VALUE', offset, 'a time beyond 2^53');
    }
    store.setCversion(node, view.getInt32(at + FILE_CVERSION));
    if (view.getInt32(at + FILE_OWNER) !== 0 || view.getInt32(at + FILE_OWNER + 4) !== 0) {
      this.#setOwner(node, view.getBigInt64(at + FILE_OWNER), offset);
    }
  }

  #setOwner(node: NodeId, owner: bigint, offset: number): void {
    const kind = this.state.kindOf(owner, this.sessions);
    const isRootOwned = node === ROOT && kind === EphemeralType.NORMAL;
    if (kind === undefined || isRootOwned) {
      throw new SnapshotError(
        'BAD_VALUE',
        offset,
        `ephemeralOwner 0x${BigInt.asUintN(64, owner).toString(16)}`,
      );
    }
    this.state.setOwner(node, kind, owner);
  }
}

function pathError(
  code: SnapshotErrorCode,
  offset: number,
  what: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): SnapshotError {
  const shown = Math.min(end, start + PATH_SHOWN_MAX);
  return new SnapshotError(code, offset, `${what} ${JSON.stringify(utf8Decode(bytes, start, shown) ?? '?')}`);
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return utf8Decode(bytes, start, end) !== undefined;
  return true;
}

function isBelowZookeeper(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= ZOOKEEPER.length) return false;
  for (let i = 0; i < ZOOKEEPER.length; i++) if (bytes[start + i] !== ZOOKEEPER.charCodeAt(i)) return false;
  return true;
}

/** Nobody may do anything. */
const DENIED: readonly Acl[] = [new Acl(0, 'world', 'anyone')];
const ZXIDS = [STAT_CZXID, STAT_MZXID, STAT_PZXID];
/** Fields of StatPersisted, in bytes; those before the first are where the record has them too. */
const FILE_CVERSION: number = STAT_CVERSION;
const FILE_AVERSION = 40;
const FILE_OWNER = 44;
const FILE_PZXID = 52;
const ZOOKEEPER = '/zookeeper/';
const PATH_SHOWN_MAX = 200;
const SLASH = 0x2f;
