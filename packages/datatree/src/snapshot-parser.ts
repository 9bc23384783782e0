import { JuteReader, MAX_BUFFER_DEFAULT } from '@corral/jute';
import { Acl } from '@corral/protocol';
import { SnapshotError, type SnapshotErrorCode } from './snapshot-error.ts';

/** What the records of a body are given to. `offset` is where the record begins in the body, for errors. */
export interface SnapshotVisitor {
  session(id: bigint, timeout: number): void;
  acl(id: bigint, acls: readonly Acl[], offset: number): void;
  /**
   * The path is `bytes[pathStart, pathEnd)`, empty for the root; the data `bytes[dataStart, dataEnd)` unless
   * `isDataNull`. At `dataEnd` stand 8 bytes of ACL id and 60 of Stat. All of it is valid during the call.
   */
  node(
    bytes: Uint8Array,
    view: DataView,
    pathStart: number,
    pathEnd: number,
    isDataNull: boolean,
    dataStart: number,
    dataEnd: number,
    offset: number,
  ): void;
  /** The terminator. */
  end(offset: number): void;
}

/**
 * Cuts the body of a snapshot into its records, in whatever pieces it arrives: sessions, ACL lists, nodes, the
 * path "/". A length is believed up to `valueMax` and buffered only as its bytes come.
 */
export class SnapshotParser {
  readonly #visitor: SnapshotVisitor;
  readonly #valueMax: number;
  #stage: Stage = 'sessionCount';
  /** Sessions or lists still to come. */
  #left = 0;
  /** The list being read. */
  #aclId = 0n;
  #acls: Acl[] = [];
  #entriesLeft = 0;
  /** Where in the body the record at hand begins. */
  #offset = 0;
  /** Bytes that the record at hand takes at least. */
  #wanted = 0;
  /** The beginning of a record of which less than `#wanted` has arrived. */
  #carry: Uint8Array = new Uint8Array(1024);
  #carried = 0;
  #bytes: Uint8Array = this.#carry;
  #view: DataView = new DataView(this.#carry.buffer);
  readonly #reader: JuteReader;

  constructor(visitor: SnapshotVisitor, valueMax: number = MAX_BUFFER_DEFAULT * 2) {
    this.#visitor = visitor;
    this.#valueMax = valueMax;
    this.#reader = new JuteReader(undefined, valueMax);
  }

  get ended(): boolean {
    return this.#stage === 'ended';
  }

  /** Takes the next bytes; returns how many of them belong to the body. */
  push(chunk: Uint8Array): number {
    let at = 0;
    while (this.#carried > 0) {
      const taken = Math.min(this.#wanted - this.#carried, chunk.length - at);
      this.#carryOver(chunk, at, at + taken);
      at += taken;
      if (this.#carried < this.#wanted) return at;
      this.#use(this.#carry);
      const end = this.#step(0, this.#carried);
      if (end === INCOMPLETE) continue;
      this.#offset += end;
      this.#carried = 0;
    }
    this.#use(chunk);
    while (!this.ended && at < chunk.length) {
      const end = this.#step(at, chunk.length);
      if (end === INCOMPLETE) {
        this.#carryOver(chunk, at, chunk.length);
        return chunk.length;
      }
      this.#offset += end - at;
      at = end;
    }
    return at;
  }

  #carryOver(chunk: Uint8Array, start: number, end: number): void {
    const length = this.#carried + end - start;
    if (length > this.#carry.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.#carry.subarray(0, this.#carried));
      this.#carry = larger;
    }
    this.#carry.set(chunk.subarray(start, end), this.#carried);
    this.#carried = length;
  }

  #use(bytes: Uint8Array): void {
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes the record at `at` and returns where it ends; `INCOMPLETE` where it is not all there. */
  #step(at: number, end: number): number {
    switch (this.#stage) {
      case 'sessionCount':
        return this.#begin(at, end, 'session', 'aclCount');
      case 'session':
        return this.#session(at, end);
      case 'aclCount':
        return this.#begin(at, end, 'acl', 'node');
      case 'acl':
        return this.#acl(at, end);
      case 'aclEntry':
        return this.#aclEntry(at, end);
      case 'node':
        return this.#node(at, end);
      default:
        return at;
    }
  }

  #begin(at: number, end: number, some: Stage, none: Stage): number {
    if (!this.#has(at, at + 4, end)) return INCOMPLETE;
    this.#left = this.#view.getInt32(at);
    if (this.#left < 0) throw this.#error('BAD_LENGTH', `a count of ${this.#left}`);
    this.#stage = this.#left === 0 ? none : some;
    return at + 4;
  }

  #session(at: number, end: number): number {
    if (!this.#has(at, at + 12, end)) return INCOMPLETE;
    this.#visitor.session(this.#view.getBigInt64(at), this.#view.getInt32(at + 8));
    if (--this.#left === 0) this.#stage = 'aclCount';
    return at + 12;
  }

  #acl(at: number, end: number): number {
    if (!this.#has(at, at + 12, end)) return INCOMPLETE;
    this.#aclId = this.#view.getBigInt64(at);
    this.#entriesLeft = this.#view.getInt32(at + 8);
    if (this.#entriesLeft < 0) throw this.#error('BAD_LENGTH', `an ACL list of ${this.#entriesLeft}`);
    this.#acls = [];
    this.#stage = 'aclEntry';
    if (this.#entriesLeft === 0) this.#endAcl();
    return at + 12;
  }

  #aclEntry(at: number, end: number): number {
    if (!this.#has(at, at + 12, end)) return INCOMPLETE;
    const schemeEnd = at + 8 + this.#lengthAt(at + 4);
    if (!this.#has(at, schemeEnd + 4, end)) return INCOMPLETE;
    const idEnd = schemeEnd + 4 + this.#lengthAt(schemeEnd);
    if (!this.#has(at, idEnd, end)) return INCOMPLETE;
    this.#acls.push(this.#readAcl(at, idEnd));
    if (--this.#entriesLeft === 0) this.#endAcl();
    return idEnd;
  }

  #readAcl(at: number, end: number): Acl {
    try {
      return Acl.read(this.#reader.reset(this.#bytes, at, end));
    } catch {
      throw this.#error('BAD_VALUE', 'an ACL entry that is not UTF-8');
    }
  }

  #endAcl(): void {
    this.#visitor.acl(this.#aclId, this.#acls, this.#offset);
    this.#stage = --this.#left === 0 ? 'node' : 'acl';
  }

  #node(at: number, end: number): number {
    if (!this.#has(at, at + 4, end)) return INCOMPLETE;
    if (this.#view.getInt32(at) < 0) throw this.#error('BAD_PATH', 'a path that is null');
    const pathStart = at + 4;
    const pathEnd = pathStart + this.#lengthAt(at);
    if (pathEnd === pathStart + 1) {
      if (!this.#has(at, pathEnd, end)) return INCOMPLETE;
      if (this.#bytes[pathStart] === SLASH) return this.#end(pathEnd);
    }
    if (!this.#has(at, pathEnd + 4, end)) return INCOMPLETE;
    const dataStart = pathEnd + 4;
    const dataEnd = dataStart + this.#lengthAt(pathEnd);
    if (!this.#has(at, dataEnd + ACL_AND_STAT_BYTES, end)) return INCOMPLETE;
    const isDataNull = this.#view.getInt32(pathEnd) < 0;
    this.#visitor.node(
      this.#bytes,
      this.#view,
      pathStart,
      pathEnd,
      isDataNull,
      dataStart,
      dataEnd,
      this.#offset,
    );
    return dataEnd + ACL_AND_STAT_BYTES;
  }

  #end(at: number): number {
    this.#visitor.end(this.#offset);
    this.#stage = 'ended';
    return at;
  }

  /** Whether the record's bytes reach to `to`; remembers how many it takes where they do not. */
  #has(at: number, to: number, end: number): boolean {
    if (to <= end) return true;
    this.#wanted = to - at;
    return false;
  }

  /** The length at `at`, 0 for the -1 of null. */
  #lengthAt(at: number): number {
    const length = this.#view.getInt32(at);
    if (length < -1 || length > this.#valueMax) throw this.#error('BAD_LENGTH', `a length of ${length}`);
    return length < 0 ? 0 : length;
  }

  #error(code: SnapshotErrorCode, message: string): SnapshotError {
    return new SnapshotError(code, this.#offset, message);
  }
}

type Stage = 'sessionCount' | 'session' | 'aclCount' | 'acl' | 'aclEntry' | 'node' | 'ended';

const INCOMPLETE = -1;
const ACL_AND_STAT_BYTES = 68;
const SLASH = 0x2f;
