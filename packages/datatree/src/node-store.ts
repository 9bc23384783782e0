import { JuteReader, type JuteWriter, utf8Decode } from '@corral/jute';
import { Stat } from '@corral/protocol';
import {
  bytesAt,
  CVERSION,
  DATA,
  DATA_IS_NULL,
  DESCENDANTS,
  FIRST_CHILD,
  KIND_MASK,
  KIND_SHIFT,
  NAME,
  NAME_LENGTH,
  NAME_LENGTH_MASK,
  NEXT,
  type NodeId,
  OWNER_BYTES,
  PARENT,
  PREV,
  RECORD_WORDS,
  ROOT,
  Segment,
  SEGMENT_SHIFT,
  STAT_BYTES,
  STAT_CHILDREN,
  STAT_CVERSION,
  STAT_DATA_LENGTH,
  STAT_OWNER,
  wordsAt,
} from './node-record.ts';
import { offsetOf, Slab } from './slab.ts';

/**
 * All nodes: records in segments outside the JavaScript heap, names and data in a slab. It grows by whole
 * segments and never copies. It keeps records and links true, and knows nothing of ZooKeeper's rules.
 */
export class NodeStore {
  readonly slab: Slab = new Slab();
  readonly #segments: Segment[] = [];
  /** Records ever used, the empty one at 0 included. */
  #used = 1;
  /** Freed records, a list through `NEXT`. */
  #free = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get memoryBytes(): number {
    let bytes = this.slab.capacity;
    for (const segment of this.#segments) bytes += segment.bytes.length;
    return bytes;
  }

  /** Above every handle ever given. */
  get end(): NodeId {
    return this.#used;
  }

  /** A record of zeros. */
  add(): NodeId {
    let node = this.#free;
    if (node === 0) {
      node = this.#used++;
      if (node >>> SEGMENT_SHIFT >= this.#segments.length) this.#segments.push(new Segment());
    } else {
      const { words } = this.segment(node);
      const base = wordsAt(node);
      this.#free = words[base + NEXT]!;
      words.fill(0, base, base + RECORD_WORDS);
    }
    this.#count++;
    return node;
  }

  /** Gives the record, its name and its data back. It must be unlinked. */
  remove(node: NodeId): void {
    const { words } = this.segment(node);
    const base = wordsAt(node);
    this.slab.free(words[base + NAME]!);
    this.slab.free(words[base + DATA]!);
    words[base + NEXT] = this.#free;
    this.#free = node;
    this.#count--;
  }

  segment(node: NodeId): Segment {
    return this.#segments[node >>> SEGMENT_SHIFT]!;
  }

  word(node: NodeId, field: number): number {
    return this.segment(node).words[wordsAt(node) + field]!;
  }

  setWord(node: NodeId, field: number, value: number): void {
    this.segment(node).words[wordsAt(node) + field] = value;
  }

  /** An int of the Stat. */
  statInt(node: NodeId, field: number): number {
    return this.segment(node).view.getInt32(bytesAt(node) + field);
  }

  setStatInt(node: NodeId, field: number, value: number): void {
    this.segment(node).view.setInt32(bytesAt(node) + field, value);
  }

  /** A long of the Stat as a number: times and zxids fit. */
  statLong(node: NodeId, field: number): number {
    const { view } = this.segment(node);
    const at = bytesAt(node) + field;
    return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
  }

  setStatLong(node: NodeId, field: number, value: number): void {
    const { view } = this.segment(node);
    const at = bytesAt(node) + field;
    view.setInt32(at, Math.floor(value / 0x1_0000_0000));
    view.setUint32(at + 4, value >>> 0);
  }

  /** The owner as stored, of whatever kind. */
  owner(node: NodeId): bigint {
    return this.segment(node).view.getBigInt64(bytesAt(node) + OWNER_BYTES);
  }

  /** @param isShown clients see it: the node is ephemeral */
  setOwner(node: NodeId, owner: bigint, isShown: boolean): void {
    const { view } = this.segment(node);
    const at = bytesAt(node);
    view.setBigInt64(at + OWNER_BYTES, owner);
    if (isShown) view.setBigInt64(at + STAT_OWNER, owner);
  }

  writeStat(node: NodeId, w: JuteWriter): void {
    const at = bytesAt(node);
    w.writeRange(this.segment(node).bytes, at, at + STAT_BYTES);
  }

  stat(node: NodeId): Stat {
    const at = bytesAt(node);
    return Stat.read(new JuteReader().reset(this.segment(node).bytes, at, at + STAT_BYTES));
  }

  /** Whether `flag` is set beside the length of the name. */
  has(node: NodeId, flag: number): boolean {
    return (this.word(node, NAME_LENGTH) & flag) !== 0;
  }

  set(node: NodeId, flag: number, isSet: boolean): void {
    const word = this.word(node, NAME_LENGTH);
    this.setWord(node, NAME_LENGTH, isSet ? word | flag : word & ~flag);
  }

  /** An `EphemeralType`. */
  kind(node: NodeId): number {
    return (this.word(node, NAME_LENGTH) & KIND_MASK) >>> KIND_SHIFT;
  }

  setKind(node: NodeId, kind: number): void {
    const word = this.word(node, NAME_LENGTH);
    this.setWord(node, NAME_LENGTH, (word & ~KIND_MASK) | (kind << KIND_SHIFT));
  }

  nameLength(node: NodeId): number {
    return this.word(node, NAME_LENGTH) & NAME_LENGTH_MASK;
  }

  setName(node: NodeId, bytes: Uint8Array, start: number, end: number): void {
    if (end - start > NAME_LENGTH_MASK) throw new RangeError('a name of 16 MiB');
    this.setWord(node, NAME, this.slab.store(bytes, start, end));
    this.setWord(node, NAME_LENGTH, (this.word(node, NAME_LENGTH) & ~NAME_LENGTH_MASK) | (end - start));
  }

  /** Length and bytes. */
  writeName(node: NodeId, w: JuteWriter): void {
    w.writeInt(this.nameLength(node));
    this.writeNameBytes(node, w);
  }

  /** The bytes alone. */
  writeNameBytes(node: NodeId, w: JuteWriter): void {
    const ref = this.word(node, NAME);
    const at = offsetOf(ref);
    w.writeRange(this.slab.bytesOf(ref), at, at + this.nameLength(node));
  }

  name(node: NodeId): string {
    const ref = this.word(node, NAME);
    const at = offsetOf(ref);
    // Never undefined: only names that are UTF-8 get in.
    return utf8Decode(this.slab.bytesOf(ref), at, at + this.nameLength(node)) ?? '';
  }

  dataLength(node: NodeId): number {
    return this.statInt(node, STAT_DATA_LENGTH);
  }

  /** Takes a copy. */
  setData(node: NodeId, bytes: Uint8Array | null, start: number, end: number): void {
    const length = end - start;
    const ref = this.word(node, DATA);
    if (bytes === null || !Slab.isSameSize(this.dataLength(node), length)) {
      this.slab.free(ref);
      this.setWord(node, DATA, bytes === null ? 0 : this.slab.store(bytes, start, end));
    } else if (length > 0) {
      this.slab.write(ref, bytes, start, end);
    }
    this.setStatInt(node, STAT_DATA_LENGTH, length);
    this.set(node, DATA_IS_NULL, bytes === null);
  }

  /** Length and bytes; null is the length -1. */
  writeData(node: NodeId, w: JuteWriter): void {
    const length = this.dataLength(node);
    if (length === 0) return w.writeInt(this.has(node, DATA_IS_NULL) ? -1 : 0);
    const ref = this.word(node, DATA);
    const at = offsetOf(ref);
    w.writeInt(length);
    w.writeRange(this.slab.bytesOf(ref), at, at + length);
  }

  /** A copy. */
  data(node: NodeId): Uint8Array | null {
    if (this.has(node, DATA_IS_NULL)) return null;
    const length = this.dataLength(node);
    if (length === 0) return new Uint8Array(0);
    const ref = this.word(node, DATA);
    return this.slab.bytesOf(ref).slice(offsetOf(ref), offsetOf(ref) + length);
  }

  /** Bytes of the path: names with a slash before each; none for the root. */
  pathLength(node: NodeId): number {
    let length = 0;
    for (let at = node; at !== ROOT; at = this.word(at, PARENT)) length += 1 + this.nameLength(at);
    return length;
  }

  /** Writes the path so that it ends before `end`. The caller has made room for `pathLength`. */
  copyPath(node: NodeId, target: Uint8Array, end: number): void {
    for (let at = node; at !== ROOT; at = this.word(at, PARENT)) {
      const length = this.nameLength(at);
      const ref = this.word(at, NAME);
      const bytes = this.slab.bytesOf(ref);
      const from = offsetOf(ref);
      end -= length;
      for (let i = 0; i < length; i++) target[end + i] = bytes[from + i]!;
      target[--end] = SLASH;
    }
  }

  /** Whether `path[start, end)` is this node's. */
  isPath(node: NodeId, path: Uint8Array, start: number, end: number): boolean {
    for (let at = node; at !== ROOT;) {
      const { words } = this.segment(at);
      const base = wordsAt(at);
      const length = words[base + NAME_LENGTH]! & NAME_LENGTH_MASK;
      const from = end - length;
      if (from <= start || path[from - 1] !== SLASH) return false;
      const ref = words[base + NAME]!;
      const bytes = this.slab.bytesOf(ref);
      const name = offsetOf(ref);
      for (let i = 0; i < length; i++) if (path[from + i] !== bytes[name + i]) return false;
      end = from - 1;
      at = words[base + PARENT]!;
    }
    return end === start;
  }

  /** Makes `node` the last child of `parent`, and counts it. */
  link(parent: NodeId, node: NodeId): void {
    const first = this.word(parent, FIRST_CHILD);
    this.setWord(node, PARENT, parent);
    if (first === 0) {
      this.setWord(parent, FIRST_CHILD, node);
      this.setWord(node, PREV, node);
    } else {
      const last = this.word(first, PREV);
      this.setWord(last, NEXT, node);
      this.setWord(node, PREV, last);
      this.setWord(first, PREV, node);
    }
    this.#countChild(parent, 1);
  }

  unlink(node: NodeId): void {
    const parent = this.word(node, PARENT);
    const next = this.word(node, NEXT);
    const prev = this.word(node, PREV);
    const first = this.word(parent, FIRST_CHILD);
    if (first === node) this.setWord(parent, FIRST_CHILD, next);
    else this.setWord(prev, NEXT, next);
    if (next !== 0) this.setWord(next, PREV, prev);
    else if (first !== node) this.setWord(first, PREV, prev);
    this.#countChild(parent, -1);
  }

  setCversion(node: NodeId, cversion: number): void {
    this.setWord(node, CVERSION, cversion);
    this.#showCversion(node);
  }

  cversion(node: NodeId): number {
    return this.word(node, CVERSION) | 0;
  }

  #countChild(parent: NodeId, by: number): void {
    this.setStatInt(parent, STAT_CHILDREN, this.statInt(parent, STAT_CHILDREN) + by);
    this.#showCversion(parent);
    for (let at = parent; at !== 0; at = this.word(at, PARENT)) {
      this.setWord(at, DESCENDANTS, this.word(at, DESCENDANTS) + by);
    }
  }

  #showCversion(node: NodeId): void {
    this.setStatInt(node, STAT_CVERSION, this.cversion(node) * 2 - this.statInt(node, STAT_CHILDREN));
  }
}

const SLASH = 0x2f;
