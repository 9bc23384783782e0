import { JuteReader, type JuteWriter } from '@corral/jute';
import {
  type Acl,
  CreateMode,
  EphemeralType,
  ErrorCode,
  isEphemeral,
  isSequential,
  OpCode,
  Perms,
  readAcls,
} from '@corral/protocol';
import { fixupAcl, isAllowed } from './acl.ts';
import type { DataTree } from './data-tree.ts';
import { advanceParent } from './node-requests.ts';
import type { PendingChanges } from './pending-changes.ts';
import {
  NO_ROW,
  type PendingRows,
  type Row,
  ROW_CVERSION,
  ROW_DATA_END,
  ROW_DATA_START,
  ROW_KIND,
  ROW_VERSION,
} from './pending-rows.ts';
import { lastSlashOfPlainPath } from './plain-path.ts';
import type { PreparationOptions, RequestContext } from './preparation.ts';
import { DIGEST_VERSION } from './tree-digest.ts';

/**
 * The writes that servers see most of, an ordinary setData or create, from the bytes of the request to those of the
 * log's entry: no text, no record, no transaction is made on the way. What is out of the ordinary, and all that
 * fails, is left to `NodeRequests`, which knows every rule; the spec holds the two against each other byte by byte.
 * `bench/tree.bench.ts` defends it.
 */
export class SwiftWrites {
  readonly #tree: DataTree;
  readonly #pending: PendingChanges;
  readonly #rows: PendingRows;
  readonly #options: PreparationOptions;
  readonly #aclReader: JuteReader;
  /** The list that a create brought last, as it stands in requests and transactions. */
  #aclBytes: Uint8Array = new Uint8Array(0);
  #acl: readonly Acl[] = [];

  constructor(tree: DataTree, pending: PendingChanges, options: PreparationOptions) {
    this.#tree = tree;
    this.#pending = pending;
    this.#rows = pending.rows;
    this.#options = options;
    this.#aclReader = new JuteReader(undefined, options.txnBytesMax);
  }

  /**
   * Prepares the request whose body is `bytes[start, end)` and writes its entry; returns the row it begins with, or
   * `NO_ROW` where it is none of the ordinary ones: nothing has happened then.
   */
  prepare(
    type: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    context: RequestContext,
    entry: JuteWriter,
  ): Row {
    if (type !== OpCode.setData && type !== OpCode.create && type !== OpCode.create2) return NO_ROW;
    const { txnBytesMax, enforceQuota } = this.#options;
    if (context.sessionError !== ErrorCode.OK || end - start + ENTRY_BYTES_MORE > txnBytesMax) return NO_ROW;
    const pathStart = start + 4;
    if (pathStart > end) return NO_ROW;
    const pathEnd = pathStart + intAt(bytes, start);
    if (pathEnd < pathStart || pathEnd + 4 > end) return NO_ROW;
    const dataStart = pathEnd + 4;
    const dataEnd = dataStart + intAt(bytes, pathEnd);
    if (dataEnd < dataStart || dataEnd + 4 > end) return NO_ROW;
    const slash = lastSlashOfPlainPath(bytes, pathStart, pathEnd);
    if (slash < 0 || (enforceQuota && this.#tree.quotas.count > 0)) return NO_ROW;
    this.#pending.begin();
    return type === OpCode.setData
      ? this.#setData(bytes, pathStart, pathEnd, dataEnd, context, entry)
      : this.#create(type, bytes, pathStart, slash, pathEnd, dataEnd, end, context, entry);
  }

  #setData(
    bytes: Uint8Array,
    pathStart: number,
    pathEnd: number,
    dataEnd: number,
    context: RequestContext,
    entry: JuteWriter,
  ): Row {
    const rows = this.#rows;
    const hash = this.#tree.state.hash(bytes, pathStart, pathEnd);
    const row = this.#pending.stageBytes(hash, bytes, pathStart, pathEnd);
    if (row === NO_ROW || !this.#isAllowed(row, Perms.WRITE, context)) return NO_ROW;
    const before = rows.int(row, ROW_VERSION);
    const expected = intAt(bytes, dataEnd);
    if (expected !== -1 && expected !== before) return NO_ROW;
    const version = (before + 1) | 0;
    // The row's bytes are the request's from now on: its data is there too.
    rows.setPath(row, hash, bytes, pathStart, pathEnd);
    rows.setModified(row, version, context.zxid, context.time);
    this.#addWithData(row, pathEnd + 4, dataEnd, context);
    writeHeader(entry, OpCode.setData, context);
    entry.writeRange(bytes, pathStart - 4, dataEnd);
    entry.writeInt(version);
    this.#writeDigest(row, entry);
    return row;
  }

  /** Returns the parent's row; the node's is the next. */
  #create(
    type: number,
    bytes: Uint8Array,
    pathStart: number,
    slash: number,
    pathEnd: number,
    dataEnd: number,
    end: number,
    context: RequestContext,
    entry: JuteWriter,
  ): Row {
    const aclEnd = this.#readAcl(bytes, dataEnd, end);
    if (aclEnd < 0 || aclEnd + 4 > end) return NO_ROW;
    const flags = intAt(bytes, aclEnd);
    if (flags < CreateMode.PERSISTENT || flags > CreateMode.EPHEMERAL_SEQUENTIAL) return NO_ROW;
    if (isEphemeral(flags) && !this.#mayOwn(context.sessionId)) return NO_ROW;
    const { state } = this.#tree;
    const pending = this.#pending;
    const rows = this.#rows;
    const parent = pending.stageBytes(state.hash(bytes, pathStart, slash), bytes, pathStart, slash);
    if (parent === NO_ROW || !this.#isAllowed(parent, Perms.CREATE, context)) return NO_ROW;
    if (rows.word(parent, ROW_KIND) === EphemeralType.NORMAL) return NO_ROW;
    const created = rows.int(parent, ROW_CVERSION);
    // Path and data of a sequential node are put together elsewhere: the request has no room for its number.
    let from = bytes;
    let start = pathStart;
    let length = pathEnd - pathStart;
    let dataStart = pathEnd + 4;
    if (isSequential(flags)) {
      if (created < 0) return NO_ROW;
      const dataLength = dataEnd - dataStart;
      start = pending.reserveBytes(length + SEQUENCE_DIGITS + dataLength);
      from = pending.bytes;
      copy(bytes, pathStart, pathEnd, from, start);
      length += SEQUENCE_DIGITS;
      writeSequence(created, from, start + length);
      copy(bytes, dataStart, dataEnd, from, start + length);
      dataStart = start + length;
    }
    const hash = state.hash(from, start, start + length);
    if (pending.existsBytes(hash, from, start, start + length)) return NO_ROW;
    const cversion = (created + 1) | 0;
    advanceParent(rows, parent, cversion, context.zxid);
    pending.add(parent, context.zxid);
    const row = pending.stageNewBytes(hash, from, start, start + length, this.#acl);
    rows.setBirth(row, context.zxid, context.time);
    if (isEphemeral(flags)) rows.setOwner(row, EphemeralType.NORMAL, context.sessionId);
    this.#addWithData(row, dataStart, dataStart + (dataEnd - pathEnd - 4), context);
    writeHeader(entry, type, context);
    entry.writeInt(length);
    entry.writeRange(from, start, start + length);
    entry.writeRange(bytes, pathEnd, aclEnd);
    entry.writeBool(isEphemeral(flags));
    entry.writeInt(cversion);
    this.#writeDigest(row, entry);
    return parent;
  }

  /** Whether a node with this owner is an ephemeral one, and the owner no oddity of the settings. */
  #mayOwn(sessionId: bigint): boolean {
    const { state, sessions } = this.#tree;
    return sessionId > 0n && state.kindOf(sessionId, sessions) === EphemeralType.NORMAL;
  }

  #addWithData(row: Row, dataStart: number, dataEnd: number, context: RequestContext): void {
    const rows = this.#rows;
    rows.setWord(row, ROW_DATA_START, dataStart);
    rows.setWord(row, ROW_DATA_END, dataEnd);
    this.#pending.setData(row, rows.buffer(row), dataStart, dataEnd);
    this.#pending.add(row, context.zxid);
  }

  #isAllowed(row: Row, perms: number, context: RequestContext): boolean {
    const { skipAcl, providers } = this.#options;
    return skipAcl || isAllowed(this.#rows.acl(row), perms, context.identities, providers);
  }

  #writeDigest(row: Row, entry: JuteWriter): void {
    if (!this.#tree.options.digestEnabled) return;
    entry.writeInt(DIGEST_VERSION);
    this.#rows.writeTreeDigest(row, entry);
  }

  /** Where the list that begins at `start` ends; -1 where it is not one that is stored as it stands here. */
  #readAcl(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#aclBytes;
    let same = 0;
    if (known.length <= end - start)
      while (same < known.length && bytes[start + same] === known[same]) same++;
    if (same === known.length && same > 0) return start + same;
    const r = this.#aclReader.reset(bytes, start, end);
    let acls: Acl[] | null;
    try {
      acls = readAcls(r);
    } catch {
      return -1;
    }
    // Longer ones may have duplicates; what `auth` becomes depends on who asks.
    if (acls === null || acls.length !== 1 || acls[0]!.scheme === 'auth') return -1;
    const fixed = fixupAcl(acls, [], this.#options.providers);
    if (typeof fixed === 'number') return -1;
    this.#aclBytes = bytes.slice(start, r.offset);
    this.#acl = fixed;
    return r.offset;
  }
}

function writeHeader(entry: JuteWriter, type: number, context: RequestContext): void {
  entry.writeLong(context.sessionId);
  entry.writeInt(context.cxid);
  entry.writeLongNumber(context.zxid);
  entry.writeLongNumber(context.time);
  entry.writeInt(type);
}

function copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > COPY_BY_LOOP_MAX) target.set(source.subarray(start, end), at);
  else for (let i = start; i < end; i++) target[at++] = source[i]!;
}

/** What `sequenceSuffix` gives for a counter that is not negative, so that it ends before `end`. */
function writeSequence(counter: number, target: Uint8Array, end: number): void {
  for (let i = 1, rest = counter; i <= SEQUENCE_DIGITS; i++, rest = Math.floor(rest / 10))
    target[end - i] = ZERO + (rest % 10);
}

function intAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Header, digest, sequence number and what else an entry has beside the request, from above. */
const ENTRY_BYTES_MORE = 80;
const SEQUENCE_DIGITS = 10;
const ZERO = 0x30;
const COPY_BY_LOOP_MAX = 64;
