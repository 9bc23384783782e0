import { type Acl, EphemeralType } from '@corral/protocol';
import type { DataTree } from './data-tree.ts';
import { OwnedPaths } from './owned-paths.ts';
import {
  NO_ROW,
  PendingRows,
  type Row,
  ROW_BODY_CRC,
  ROW_DATA_LENGTH,
  ROW_DIGEST,
  ROW_EXISTS,
  ROW_KIND,
  ROW_PATH_END,
  ROW_PATH_START,
  ROW_TREE_DIGEST_HIGH,
  ROW_TREE_DIGEST_LOW,
} from './pending-rows.ts';
import { CRC_BEGIN, crcUpdate } from './crc32.ts';
import { DigestSum } from './tree-digest.ts';

/**
 * The tree as it will be: what is prepared but not applied, over the tree that is (outstandingChanges). Bounded
 * by whoever bounds the requests in flight: each leaves two rows, a multi two for every operation, the close of a
 * session two for every ephemeral node.
 *
 * A change is staged first, a row that says what the node will be without it, to be looked at and changed; then it
 * is added, in the order of staging, or forgotten with the next `beginPart`.
 */
export class PendingChanges {
  readonly rows: PendingRows = new PendingRows();
  /** The tree's digest after everything prepared. */
  readonly digest: DigestSum = new DigestSum();
  readonly #tree: DataTree;
  readonly #owned: OwnedPaths = new OwnedPaths();
  readonly #digestBefore: DigestSum = new DigestSum();
  /** Where the request being prepared begins. */
  #begun: Row = 0;
  /** Where `reserveBytes` makes room: paths and data of rows that do not lie in their request. Never written twice. */
  bytes: Uint8Array = new Uint8Array(0);
  #bytesUsed = 0;

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  get count(): number {
    return this.rows.end - this.rows.first;
  }

  /** A request begins. */
  begin(): void {
    this.beginPart();
    this.#begun = this.rows.end;
    // With nothing in flight the tree itself knows best, whatever was computed before.
    if (this.count === 0) this.digest.copyFrom(this.#tree.state.digest);
    this.#digestBefore.copyFrom(this.digest);
  }

  /** A part of a request begins: what was staged and not added is forgotten. */
  beginPart(): void {
    this.rows.top = this.rows.end;
  }

  /** Takes back what was added since `begin`. */
  rollBack(): void {
    while (this.rows.end > this.#begun) {
      this.#forgetOwned(this.rows.end - 1);
      this.rows.unseal();
    }
    this.beginPart();
    this.digest.copyFrom(this.#digestBefore);
  }

  /** Stages the node as it will be; `NO_ROW` where there will be none. */
  stage(path: string): Row {
    const { state } = this.#tree;
    const length = state.encodePath(path);
    const hash = state.hash(state.pathBytes, 0, length);
    const row = this.stageBytes(hash, state.pathBytes, 0, length);
    if (row !== NO_ROW && this.rows.buffer(row) === state.pathBytes) this.#keepPath(row, hash, length);
    return row;
  }

  /** The same of `path[start, end)` with its hash; these bytes must stay as they are while the change is pending. */
  stageBytes(hash: number, path: Uint8Array, start: number, end: number): Row {
    const { rows } = this;
    const pending = rows.find(hash, path, start, end);
    if (pending !== NO_ROW) {
      if (rows.word(pending, ROW_EXISTS) === 0) return NO_ROW;
      const row = rows.push();
      rows.copyRow(row, pending);
      return row;
    }
    const { state } = this.#tree;
    const node = state.findHashed(hash, path, start, end);
    if (node === 0) return NO_ROW;
    const row = rows.push();
    rows.copyNode(row, state.store, node, state.store.kind(node), state.acl(node));
    rows.setPath(row, hash, path, start, end);
    return row;
  }

  /** Stages a node that is new: without owner or data, its Stat to be filled in. */
  stageNew(path: string, acl: readonly Acl[]): Row {
    const { state } = this.#tree;
    const length = state.encodePath(path);
    const row = this.rows.push();
    this.rows.clear(row, acl);
    this.#keepPath(row, state.hash(state.pathBytes, 0, length), length);
    return row;
  }

  /** The same of `path[start, end)` with its hash. */
  stageNewBytes(hash: number, path: Uint8Array, start: number, end: number, acl: readonly Acl[]): Row {
    const row = this.rows.push();
    this.rows.clear(row, acl);
    this.rows.setPath(row, hash, path, start, end);
    return row;
  }

  exists(path: string): boolean {
    const { state } = this.#tree;
    const length = state.encodePath(path);
    return this.existsBytes(state.hash(state.pathBytes, 0, length), state.pathBytes, 0, length);
  }

  existsBytes(hash: number, path: Uint8Array, start: number, end: number): boolean {
    const pending = this.rows.find(hash, path, start, end);
    if (pending !== NO_ROW) return this.rows.word(pending, ROW_EXISTS) !== 0;
    return this.#tree.state.findHashed(hash, path, start, end) !== 0;
  }

  /** Gives a staged row other data, `data[start, end)`. */
  setData(row: Row, data: Uint8Array | null, start: number, end: number): void {
    const { rows } = this;
    rows.setWord(row, ROW_DATA_LENGTH, end - start);
    if (!this.#tree.options.digestEnabled) return;
    const crc = crcUpdate(
      CRC_BEGIN,
      rows.buffer(row),
      rows.word(row, ROW_PATH_START),
      rows.word(row, ROW_PATH_END),
    );
    rows.setWord(row, ROW_BODY_CRC, data === null ? crc : crcUpdate(crc, data, start, end));
  }

  /** Adds the row staged first of those not added yet: it is what the transaction `zxid` will make of its node. */
  add(row: Row, zxid: number): void {
    const { rows } = this;
    if (row !== rows.end) throw new RangeError(`row ${row} is added, ${rows.end} was staged before`);
    if (this.#tree.options.digestEnabled) {
      this.digest.subtract(rows.word(row, ROW_DIGEST));
      const digest = rows.word(row, ROW_EXISTS) !== 0 && rows.isDigested(row) ? rows.digest(row) : 0;
      rows.setWord(row, ROW_DIGEST, digest);
      this.digest.add(digest);
      rows.setWord(row, ROW_TREE_DIGEST_HIGH, this.digest.high);
      rows.setWord(row, ROW_TREE_DIGEST_LOW, this.digest.low);
    }
    rows.seal(zxid);
    if (rows.word(row, ROW_KIND) === EphemeralType.NORMAL) this.#owned.add(rows.owner(row), rows.path(row));
  }

  /** Adds the end of the staged node. */
  delete(row: Row, zxid: number): void {
    this.rows.setWord(row, ROW_EXISTS, 0);
    this.add(row, zxid);
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
    const { state } = this.#tree;
    const { rows } = this;
    const length = state.encodePath(path);
    const row = rows.find(state.hash(state.pathBytes, 0, length), state.pathBytes, 0, length);
    if (row === NO_ROW) return true;
    return (
      rows.word(row, ROW_EXISTS) !== 0 &&
      rows.word(row, ROW_KIND) === EphemeralType.NORMAL &&
      rows.owner(row) === session
    );
  }

  /** Forgets the rows of transactions up to `zxid`: they are in the tree. */
  applied(zxid: number): void {
    const { rows } = this;
    while (rows.first < rows.end && rows.zxid(rows.first) <= zxid) {
      this.#forgetOwned(rows.first);
      rows.shift();
    }
  }

  #forgetOwned(row: Row): void {
    const { rows } = this;
    if (rows.word(row, ROW_KIND) === EphemeralType.NORMAL)
      this.#owned.remove(rows.owner(row), rows.path(row));
  }

  /** Room for so many bytes that a row may refer to: from where it begins in `bytes`, as that is now. */
  reserveBytes(length: number): number {
    if (this.#bytesUsed + length > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(BYTES_AT_ONCE, length));
      this.#bytesUsed = 0;
    }
    const at = this.#bytesUsed;
    this.#bytesUsed += length;
    return at;
  }

  /** The path last encoded, `length` bytes of it, is the row's. */
  #keepPath(row: Row, hash: number, length: number): void {
    const at = this.reserveBytes(length);
    const { bytes } = this;
    const { pathBytes } = this.#tree.state;
    for (let i = 0; i < length; i++) bytes[at + i] = pathBytes[i]!;
    this.rows.setPath(row, hash, bytes, at, at + length);
  }
}

const BYTES_AT_ONCE = 16 * 1024;
