import { JuteWriter } from '@corral/jute';
import {
  type Acl,
  EphemeralType,
  ephemeralTypeOf,
  type EphemeralTypeSettings,
  type Zxid,
} from '@corral/protocol';
import { AclCache } from './acl-cache.ts';
import { CRC_BEGIN, crcUpdate } from './crc32.ts';
import type { DataTreeOptions } from './data-tree.ts';
import { ImageLanes } from './image-lanes.ts';
import {
  ACL,
  BODY_CRC,
  DIGEST,
  FIRST_CHILD,
  type NodeId,
  NOT_DIGESTED,
  PARENT,
  ROOT,
  STAMPS,
  STAT_AVERSION,
  STAT_CTIME,
  STAT_CZXID,
  STAT_MTIME,
  STAT_MZXID,
  STAT_PZXID,
  STAT_VERSION,
} from './node-record.ts';
import { NodeStore } from './node-store.ts';
import { OwnerIndex } from './owner-index.ts';
import { PathHash } from './path-hash.ts';
import { PathIndex } from './path-index.ts';
import { DigestStat, DigestSum } from './tree-digest.ts';

/** Somebody who must have a node as it is before it changes: an image being written. */
export interface Preserver {
  /** `node` is about to change or go. */
  beforeChange(node: NodeId): void;
  /** `node` is about to be taken out of its parent's list. */
  beforeUnlink(node: NodeId): void;
}

/**
 * The nodes with everything that is kept about them - index of paths, ACLs, owners, digest, sizes - and the steps
 * that change them together. It knows how a tree holds together, not what a transaction means.
 */
export class TreeState {
  readonly store: NodeStore = new NodeStore();
  readonly acls: AclCache = new AclCache();
  readonly owners: OwnerIndex = new OwnerIndex();
  readonly digest: DigestSum = new DigestSum();
  readonly digestStat: DigestStat = new DigestStat();
  /** Bytes of paths and data, the second name of the root ("/") included. */
  approximateDataSize = 1;
  /** Images being written; nearly always none. */
  readonly preservers: Preserver[] = [];
  readonly lanes: ImageLanes = new ImageLanes();
  /** The path last encoded. */
  pathBytes: Uint8Array = new Uint8Array(256);
  readonly #index: PathIndex = new PathIndex(this.store);
  readonly #hash: PathHash;
  /** Of the path last looked for. */
  #lastHash = 0;
  readonly #options: DataTreeOptions;
  readonly #isDigestEnabled: boolean;
  readonly #pathWriter: JuteWriter = new JuteWriter(64);

  constructor(options: DataTreeOptions) {
    this.#hash = new PathHash(options.hashSeed);
    this.#options = options;
    this.#isDigestEnabled = options.digestEnabled;
    this.store.add();
  }

  get memoryBytes(): number {
    return this.store.memoryBytes + this.#index.memoryBytes;
  }

  /** Puts the path's bytes into `pathBytes`; returns how many they are. The root has none. */
  encodePath(path: string): number {
    const length = path.length;
    if (length === 1 && path === '/') return 0;
    if (length > this.pathBytes.length) this.pathBytes = new Uint8Array(length * 2);
    const bytes = this.pathBytes;
    for (let i = 0; i < length; i++) {
      const unit = path.charCodeAt(i);
      if (unit >= 0x80) return this.#encodeWide(path);
      bytes[i] = unit;
    }
    return length;
  }

  #encodeWide(path: string): number {
    const w = this.#pathWriter.clear(PATH_WRITER_MAX);
    w.writeString(path);
    const bytes = w.bytes(4);
    if (bytes.length > this.pathBytes.length) this.pathBytes = new Uint8Array(bytes.length * 2);
    this.pathBytes.set(bytes);
    return bytes.length;
  }

  /** The node at `path[start, end)`; an empty range is the root. */
  find(path: Uint8Array, start: number, end: number): NodeId {
    return this.findHashed(this.hash(path, start, end), path, start, end);
  }

  /** What `findHashed` wants to know of `path[start, end)`: an unsigned 32-bit number. */
  hash(path: Uint8Array, start: number, end: number): number {
    return start === end ? 0 : this.#hash.of(path, start, end);
  }

  /** As `find`, of a path whose hash is known. */
  findHashed(hash: number, path: Uint8Array, start: number, end: number): NodeId {
    if (start === end) return ROOT;
    this.#lastHash = hash;
    return this.#index.find(hash, path, start, end);
  }

  /**
   * Adds a node at `path[start, end)` below `parent`. The last `find` was for this path, and found nothing. Stat,
   * data, ACL and owner are still to be set.
   */
  add(parent: NodeId, path: Uint8Array, start: number, end: number, nameStart: number): NodeId {
    const { store } = this;
    const node = store.add();
    store.setName(node, path, nameStart, end);
    store.setWord(node, STAMPS, this.lanes.newNode);
    store.link(parent, node);
    this.approximateDataSize += end - start;
    this.#index.add(this.#lastHash, node);
    return node;
  }

  /**
   * What an owner makes of a node; undefined where it is garbage.
   *
   * Without extended types Apache takes the owner of a TTL node for a session; no such session lives, so a server
   * started without the switch deletes every TTL node there is. Here such a node stays.
   */
  kindOf(owner: bigint, sessions: ReadonlyMap<bigint, number>): EphemeralType | undefined {
    try {
      const kind = ephemeralTypeOf(owner, this.#options);
      if (kind !== EphemeralType.NORMAL || owner >= 0n || sessions.has(owner)) return kind;
      return ephemeralTypeOf(owner, WITH_TTL);
    } catch {
      return this.#options.extendedTypesEnabled ? undefined : EphemeralType.NORMAL;
    }
  }

  setOwner(node: NodeId, kind: number, owner: bigint): void {
    if (kind === EphemeralType.VOID) return;
    this.store.setKind(node, kind);
    this.store.setOwner(node, owner, kind === EphemeralType.NORMAL);
    this.owners.add(node, kind, owner);
  }

  /** The Stat of a node just created. */
  setBirth(node: NodeId, zxid: Zxid, time: number): void {
    const { store } = this;
    store.setStatLong(node, STAT_CZXID, zxid);
    store.setStatLong(node, STAT_MZXID, zxid);
    store.setStatLong(node, STAT_PZXID, zxid);
    store.setStatLong(node, STAT_CTIME, time);
    store.setStatLong(node, STAT_MTIME, time);
  }

  setModified(node: NodeId, version: number, zxid: Zxid, time: number): void {
    const { store } = this;
    store.setStatInt(node, STAT_VERSION, version);
    store.setStatLong(node, STAT_MZXID, zxid);
    store.setStatLong(node, STAT_MTIME, time);
  }

  /** Changes the data; `path[0, length)` is the node's. `rehash` must follow, when the Stat is as it shall be. */
  setData(node: NodeId, path: Uint8Array, length: number, data: Uint8Array | null): void {
    this.setDataRange(node, path, 0, length, data, 0, data === null ? 0 : data.length);
  }

  /** The same, of ranges: the data is `data[start, end)`. */
  setDataRange(
    node: NodeId,
    path: Uint8Array,
    pathStart: number,
    pathEnd: number,
    data: Uint8Array | null,
    start: number,
    end: number,
  ): void {
    this.approximateDataSize += end - start - this.store.dataLength(node);
    this.store.setData(node, data, start, end);
    if (!this.#isDigestEnabled) return;
    const crc = crcUpdate(CRC_BEGIN, path, pathStart, pathEnd);
    this.store.setWord(node, BODY_CRC, data === null ? crc : crcUpdate(crc, data, start, end));
  }

  /** As `setDataRange`, where the checksum of path and data is known. `setDigest` must follow. */
  setSummedData(node: NodeId, data: Uint8Array, start: number, end: number, bodyCrc: number): void {
    this.approximateDataSize += end - start - this.store.dataLength(node);
    this.store.setData(node, data, start, end);
    this.store.setWord(node, BODY_CRC, bodyCrc);
  }

  /** As `setData`, of a node below /zookeeper that changes outside transactions. */
  setUndigestedData(node: NodeId, data: Uint8Array): void {
    this.beforeChange(node);
    this.approximateDataSize += data.length - this.store.dataLength(node);
    this.store.setData(node, data, 0, data.length);
  }

  setAcl(node: NodeId, acls: readonly Acl[] | null): void {
    const before = this.store.word(node, ACL);
    this.store.setWord(node, ACL, this.acls.intern(acls));
    this.acls.release(before);
  }

  setAversion(node: NodeId, aversion: number): void {
    this.store.setStatInt(node, STAT_AVERSION, aversion);
  }

  acl(node: NodeId): readonly Acl[] {
    return this.acls.list(this.store.word(node, ACL));
  }

  /** Moves the version of the children and their zxid forward, never back: a replay may come late. */
  advanceChildren(node: NodeId, cversion: number, zxid: Zxid): void {
    if (cversion <= this.store.cversion(node)) return;
    this.store.setCversion(node, cversion);
    this.store.setStatLong(node, STAT_PZXID, zxid);
  }

  advancePzxid(node: NodeId, zxid: Zxid): void {
    if (zxid > this.store.statLong(node, STAT_PZXID)) this.store.setStatLong(node, STAT_PZXID, zxid);
  }

  /** Takes the node out, with all that is below it. */
  remove(node: NodeId): void {
    for (let leaf = this.#leafBelow(node); leaf !== node; leaf = this.#leafBelow(node))
      this.#removeLeaf(leaf);
    this.#removeLeaf(node);
  }

  #leafBelow(node: NodeId): NodeId {
    for (let at = node; ;) {
      const child = this.store.word(at, FIRST_CHILD);
      if (child === 0) return at;
      at = child;
    }
  }

  #removeLeaf(node: NodeId): void {
    const { store } = this;
    this.beforeChange(node);
    for (const preserver of this.preservers) preserver.beforeUnlink(node);
    const length = this.#loadPath(node);
    this.approximateDataSize -= length + store.dataLength(node);
    this.#index.remove(this.#hash.of(this.pathBytes, 0, length), node);
    this.owners.remove(node, store.kind(node), store.owner(node));
    this.acls.release(store.word(node, ACL));
    this.digest.subtract(store.word(node, DIGEST));
    store.unlink(node);
    store.remove(node);
  }

  /** Puts the node's path into `pathBytes`; returns its length. */
  #loadPath(node: NodeId): number {
    const length = this.store.pathLength(node);
    if (length > this.pathBytes.length) this.pathBytes = new Uint8Array(length * 2);
    this.store.copyPath(node, this.pathBytes, length);
    return length;
  }

  /** Brings the node's part of the digest up to date, after any change of its Stat or data. */
  rehash(node: NodeId): void {
    const { store } = this;
    if (!this.#isDigestEnabled || store.has(node, NOT_DIGESTED)) return;
    this.setDigest(node, this.digestStat.ofNode(store, node, store.word(node, BODY_CRC)));
  }

  /** The node's part of the digest, computed elsewhere. */
  setDigest(node: NodeId, digest: number): void {
    this.digest.subtract(this.store.word(node, DIGEST));
    this.digest.add(digest);
    this.store.setWord(node, DIGEST, digest);
  }

  beforeChange(node: NodeId): void {
    for (const preserver of this.preservers) preserver.beforeChange(node);
  }

  /** The path as text. */
  pathOf(node: NodeId): string {
    if (node === ROOT) return '/';
    const names: string[] = [];
    for (let at = node; at !== ROOT; at = this.store.word(at, PARENT)) names.push(this.store.name(at));
    return `/${names.toReversed().join('/')}`;
  }
}

const WITH_TTL: EphemeralTypeSettings = { extendedTypesEnabled: true, emulate353TTLNodes: false };
const PATH_WRITER_MAX = 4096;
