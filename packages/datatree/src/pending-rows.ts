import { type JuteWriter, utf8Decode } from '@corral/jute';
import type { Acl } from '@corral/protocol';
import {
  BODY_CRC,
  CVERSION,
  DIGEST,
  type NodeId,
  OWNER,
  STAT_AVERSION,
  STAT_CHILDREN,
  STAT_CTIME,
  STAT_CZXID,
  STAT_DATA_LENGTH,
  STAT_MTIME,
  STAT_MZXID,
  STAT_PZXID,
  STAT_VERSION,
  wordsAt,
} from './node-record.ts';
import { crcEnd, crcUpdate } from './crc32.ts';
import type { NodeStore } from './node-store.ts';

/** The number of a row: they go up for ever, one by one. */
export type Row = number;
export const NO_ROW: Row = -1;

/*
 * A row is 128 bytes. The first 60 are the Stat in the order and form in which the digest wants it, so that a
 * checksum over them is all there is to a node's digest. Behind them are words in the machine's own order.
 */
const ROW_CZXID = 0;
const ROW_MZXID = 8;
export const ROW_PZXID = 16;
const ROW_CTIME = 24;
const ROW_MTIME = 32;
export const ROW_VERSION = 40;
/** As stored: the number of creates. */
export const ROW_CVERSION = 44;
export const ROW_AVERSION = 48;
const ROW_OWNER = 52;
const DIGESTED_BYTES = 60;

/** In words. */
export const ROW_BODY_CRC = 15;
/** What the node adds to the tree's digest. */
export const ROW_DIGEST = 16;
export const ROW_CHILDREN = 17;
export const ROW_DATA_LENGTH = 18;
/** An `EphemeralType`. */
export const ROW_KIND = 19;
/** 0 where the node will not be there. */
export const ROW_EXISTS = 20;
/** The node in the tree, 0 where it is not there yet. */
export const ROW_NODE = 21;
/** Of the path. */
export const ROW_HASH = 22;
/** The path is `buffer(row)[pathStart, pathEnd)`, nothing for the root. */
export const ROW_PATH_START = 23;
export const ROW_PATH_END = 24;
/** The same of the data, of the requests that are taken as bytes. */
export const ROW_DATA_START = 25;
export const ROW_DATA_END = 26;
/** The digest of the tree when this is part of it. */
export const ROW_TREE_DIGEST_HIGH = 27;
export const ROW_TREE_DIGEST_LOW = 28;

/**
 * Nodes as they will be (ZooKeeperServer.ChangeRecord), in order of preparation: a ring of rows outside the
 * JavaScript heap, because a thousand of them are in flight at any time and the garbage collector would copy each.
 * Rows from `first` to `end` are pending; those up to `top` are being made out of them.
 */
export class PendingRows {
  first: Row = 0;
  end: Row = 0;
  top: Row = 0;
  #mask = 0;
  #words!: Uint32Array;
  #bytes!: Uint8Array;
  #view!: DataView;
  /** By the low bits of a path's hash: its newest row. What is below `first` is no longer there. */
  #heads!: Float64Array;
  /** The next older row with the same bits. */
  #older!: Float64Array;
  #zxids!: Float64Array;
  #buffers: Uint8Array[] = [];
  #acls: (readonly Acl[])[] = [];

  constructor() {
    this.#allocate(CAPACITY);
  }

  /** Another row on top, whatever is in it. */
  push(): Row {
    if (this.top - this.first > this.#mask) this.#grow();
    return this.top++;
  }

  /** The row `end` is complete: it is found from now on. */
  seal(zxid: number): void {
    const row = this.end++;
    const slot = row & this.#mask;
    const head = this.#words[slot * WORDS + ROW_HASH]! & this.#mask;
    this.#zxids[slot] = zxid;
    this.#older[slot] = this.#heads[head]!;
    this.#heads[head] = row;
  }

  /** Takes back the newest row. */
  unseal(): void {
    const slot = --this.end & this.#mask;
    this.#heads[this.#words[slot * WORDS + ROW_HASH]! & this.#mask] = this.#older[slot]!;
    this.#buffers[slot] = NO_BYTES;
    this.top = this.end;
  }

  /** Lets go of the oldest row. */
  shift(): void {
    this.#buffers[this.first++ & this.#mask] = NO_BYTES;
    if (this.first < this.end) return;
    if (this.#mask >= CAPACITY_KEPT) this.#allocate(CAPACITY);
    if (this.first > ROW_MAX) {
      this.#heads.fill(NO_ROW);
      this.first = this.end = this.top = 0;
    }
  }

  zxid(row: Row): number {
    return this.#zxids[row & this.#mask]!;
  }

  /** The newest row of `path[start, end)`. */
  find(hash: number, path: Uint8Array, start: number, end: number): Row {
    const mask = this.#mask;
    let row = this.#heads[hash & mask]!;
    while (row >= this.first && !this.#isOf(row, hash, path, start, end)) row = this.#older[row & mask]!;
    return row >= this.first ? row : NO_ROW;
  }

  #isOf(row: Row, hash: number, path: Uint8Array, start: number, end: number): boolean {
    const base = (row & this.#mask) * WORDS;
    const words = this.#words;
    if (words[base + ROW_HASH]! !== hash) return false;
    let at = words[base + ROW_PATH_END]!;
    if (at - words[base + ROW_PATH_START]! !== end - start) return false;
    const bytes = this.#buffers[row & this.#mask]!;
    for (let i = end; i > start;) if (path[--i] !== bytes[--at]) return false;
    return true;
  }

  /** What `row` is about: `bytes[start, end)`, which must stay as it is. */
  setPath(row: Row, hash: number, bytes: Uint8Array, start: number, end: number): void {
    const base = (row & this.#mask) * WORDS;
    this.#words[base + ROW_HASH] = hash;
    this.#words[base + ROW_PATH_START] = start;
    this.#words[base + ROW_PATH_END] = end;
    this.#buffers[row & this.#mask] = bytes;
  }

  /** As `from`, path and all. */
  copyRow(row: Row, from: Row): void {
    const to = row & this.#mask;
    const source = from & this.#mask;
    const words = this.#words;
    for (let i = 0; i < WORDS_IN_USE; i++) words[to * WORDS + i] = words[source * WORDS + i]!;
    this.#buffers[to] = this.#buffers[source]!;
    this.#acls[to] = this.#acls[source]!;
  }

  /** As the node in the tree is. */
  copyNode(row: Row, store: NodeStore, node: NodeId, kind: number, acl: readonly Acl[]): void {
    const from = store.segment(node).words;
    const source = wordsAt(node);
    const to = this.#words;
    const base = (row & this.#mask) * WORDS;
    for (let i = 0; i < 4; i++) to[base + i] = from[source + i]!;
    to[base + 4] = from[source + STAT_PZXID / 4]!;
    to[base + 5] = from[source + STAT_PZXID / 4 + 1]!;
    // ctime, mtime and version lie together.
    for (let i = 0; i < 5; i++) to[base + 6 + i] = from[source + STAT_CTIME / 4 + i]!;
    this.#view.setInt32(base * 4 + ROW_CVERSION, from[source + CVERSION]!);
    to[base + 12] = from[source + STAT_AVERSION / 4]!;
    to[base + 13] = from[source + OWNER]!;
    to[base + 14] = from[source + OWNER + 1]!;
    to[base + ROW_BODY_CRC] = from[source + BODY_CRC]!;
    to[base + ROW_DIGEST] = from[source + DIGEST]!;
    to[base + ROW_CHILDREN] = store.statInt(node, STAT_CHILDREN);
    to[base + ROW_DATA_LENGTH] = store.statInt(node, STAT_DATA_LENGTH);
    to[base + ROW_KIND] = kind;
    to[base + ROW_EXISTS] = 1;
    to[base + ROW_NODE] = node;
    this.#acls[row & this.#mask] = acl;
  }

  /** As a node that is new, without data. */
  clear(row: Row, acl: readonly Acl[]): void {
    const base = (row & this.#mask) * WORDS;
    this.#words.fill(0, base, base + WORDS_IN_USE);
    this.#words[base + ROW_EXISTS] = 1;
    this.#acls[row & this.#mask] = acl;
  }

  word(row: Row, field: number): number {
    return this.#words[(row & this.#mask) * WORDS + field]!;
  }

  setWord(row: Row, field: number, value: number): void {
    this.#words[(row & this.#mask) * WORDS + field] = value;
  }

  /** An int of the Stat. */
  int(row: Row, field: number): number {
    return this.#view.getInt32((row & this.#mask) * BYTES + field);
  }

  setInt(row: Row, field: number, value: number): void {
    this.#view.setInt32((row & this.#mask) * BYTES + field, value);
  }

  /** A long of the Stat. */
  setLong(row: Row, field: number, value: number): void {
    const at = (row & this.#mask) * BYTES + field;
    this.#view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  /** The Stat of a node that `zxid` creates. */
  setBirth(row: Row, zxid: number, time: number): void {
    this.setLong(row, ROW_CZXID, zxid);
    this.setLong(row, ROW_MZXID, zxid);
    this.setLong(row, ROW_PZXID, zxid);
    this.setLong(row, ROW_CTIME, time);
    this.setLong(row, ROW_MTIME, time);
  }

  /** The Stat of a node whose data `zxid` changes. */
  setModified(row: Row, version: number, zxid: number, time: number): void {
    this.setInt(row, ROW_VERSION, version);
    this.setLong(row, ROW_MZXID, zxid);
    this.setLong(row, ROW_MTIME, time);
  }

  /** Shows in the tree what `setModified` said here. */
  copyModified(row: Row, store: NodeStore, node: NodeId): void {
    const from = this.#words;
    const base = (row & this.#mask) * WORDS;
    const to = store.segment(node).words;
    const target = wordsAt(node);
    for (let i = 0; i < 2; i++) {
      to[target + STAT_MZXID / 4 + i] = from[base + ROW_MZXID / 4 + i]!;
      to[target + STAT_MTIME / 4 + i] = from[base + ROW_MTIME / 4 + i]!;
    }
    to[target + STAT_VERSION / 4] = from[base + ROW_VERSION / 4]!;
  }

  /** The same of `setBirth`. */
  copyBirth(row: Row, store: NodeStore, node: NodeId): void {
    const from = this.#words;
    const base = (row & this.#mask) * WORDS;
    const to = store.segment(node).words;
    const target = wordsAt(node);
    // czxid and mzxid, ctime and mtime lie together.
    for (let i = 0; i < 4; i++) {
      to[target + STAT_CZXID / 4 + i] = from[base + ROW_CZXID / 4 + i]!;
      to[target + STAT_CTIME / 4 + i] = from[base + ROW_CTIME / 4 + i]!;
    }
    to[target + STAT_PZXID / 4] = from[base + ROW_PZXID / 4]!;
    to[target + STAT_PZXID / 4 + 1] = from[base + ROW_PZXID / 4 + 1]!;
  }

  owner(row: Row): bigint {
    return this.#view.getBigInt64((row & this.#mask) * BYTES + ROW_OWNER);
  }

  setOwner(row: Row, kind: number, owner: bigint): void {
    this.setWord(row, ROW_KIND, kind);
    this.#view.setBigInt64((row & this.#mask) * BYTES + ROW_OWNER, owner);
  }

  acl(row: Row): readonly Acl[] {
    return this.#acls[row & this.#mask]!;
  }

  setAcl(row: Row, acl: readonly Acl[]): void {
    this.#acls[row & this.#mask] = acl;
  }

  /** The bytes that path and data are ranges of. */
  buffer(row: Row): Uint8Array {
    return this.#buffers[row & this.#mask]!;
  }

  path(row: Row): string {
    // Never undefined: paths were text, or looked at.
    return utf8Decode(this.buffer(row), this.word(row, ROW_PATH_START), this.word(row, ROW_PATH_END)) ?? '';
  }

  /** Nodes below /zookeeper are left out of the digest. */
  isDigested(row: Row): boolean {
    const start = this.word(row, ROW_PATH_START);
    if (this.word(row, ROW_PATH_END) - start < UNDIGESTED.length) return true;
    const bytes = this.buffer(row);
    for (let i = 0; i < UNDIGESTED.length; i++) if (bytes[start + i] !== UNDIGESTED[i]) return true;
    return false;
  }

  /** The digest of the node: of its path and data, which gave `ROW_BODY_CRC`, and its Stat. */
  digest(row: Row): number {
    const at = (row & this.#mask) * BYTES;
    return crcEnd(crcUpdate(this.word(row, ROW_BODY_CRC), this.#bytes, at, at + DIGESTED_BYTES));
  }

  /** The digest of the tree, as it ends the transaction. */
  writeTreeDigest(row: Row, w: JuteWriter): void {
    w.writeInt(this.word(row, ROW_TREE_DIGEST_HIGH));
    w.writeInt(this.word(row, ROW_TREE_DIGEST_LOW));
  }

  #grow(): void {
    const { first, end, top } = this;
    const mask = this.#mask;
    const words = this.#words;
    const zxids = this.#zxids;
    const buffers = this.#buffers;
    const acls = this.#acls;
    this.#allocate((mask + 1) * 2);
    for (let row = first; row < top; row++) {
      const to = row & this.#mask;
      const from = row & mask;
      this.#words.set(words.subarray(from * WORDS, (from + 1) * WORDS), to * WORDS);
      this.#buffers[to] = buffers[from]!;
      this.#acls[to] = acls[from]!;
    }
    this.end = first;
    while (this.end < end) this.seal(zxids[this.end & mask]!);
  }

  #allocate(capacity: number): void {
    this.#mask = capacity - 1;
    this.#bytes = new Uint8Array(capacity * BYTES);
    this.#words = new Uint32Array(this.#bytes.buffer);
    this.#view = new DataView(this.#bytes.buffer);
    this.#heads = new Float64Array(capacity).fill(NO_ROW);
    this.#older = new Float64Array(capacity);
    this.#zxids = new Float64Array(capacity);
    this.#buffers = Array.from({ length: capacity }, () => NO_BYTES);
    this.#acls = Array.from({ length: capacity }, () => NO_ACL);
  }
}

const NO_BYTES = new Uint8Array(0);
const NO_ACL: readonly Acl[] = [];
const WORDS = 32;
const WORDS_IN_USE = 29;
const BYTES: number = WORDS * 4;
const CAPACITY = 256;
/** After the close of a session with many nodes, or a burst, memory is given back. */
const CAPACITY_KEPT = 16 * 1024;
/** Where they begin anew when none is left, so that they stay small integers. */
const ROW_MAX = 2 ** 30;
/** "/zookeeper/" */
const UNDIGESTED = Uint8Array.of(0x2f, 0x7a, 0x6f, 0x6f, 0x6b, 0x65, 0x65, 0x70, 0x65, 0x72, 0x2f);
