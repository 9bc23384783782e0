import { EphemeralType, ErrorCode, OpCode, type Zxid } from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import type { DataTree } from './data-tree.ts';
import type { NodeId } from './node-record.ts';
import { Outcome } from './outcome.ts';
import {
  type PendingRows,
  type Row,
  ROW_BODY_CRC,
  ROW_CVERSION,
  ROW_DATA_END,
  ROW_DATA_START,
  ROW_DIGEST,
  ROW_HASH,
  ROW_KIND,
  ROW_NODE,
  ROW_PATH_END,
  ROW_PATH_START,
  ROW_TREE_DIGEST_HIGH,
  ROW_TREE_DIGEST_LOW,
} from './pending-rows.ts';

/**
 * Brings into the tree what `SwiftWrites` has prepared: the node as its row says it will be, with the checksums that
 * were computed for the transaction. Nothing else may have been applied than what was prepared before.
 */
export class SwiftApplication {
  readonly #tree: DataTree;
  readonly #rows: PendingRows;
  readonly #outcome: Outcome = new Outcome();

  constructor(tree: DataTree, rows: PendingRows) {
    this.#tree = tree;
    this.#rows = rows;
  }

  /** @returns an outcome that is valid until the next call */
  apply(type: number, row: Row, observer: ChangeObserver | undefined): Outcome {
    const rows = this.#rows;
    const outcome = this.#outcome;
    const zxid = rows.zxid(row) as Zxid;
    outcome.begin(type);
    const last = type === OpCode.setData ? row : row + 1;
    const told = observer === undefined || observer.isIdle ? undefined : observer;
    if (type === OpCode.setData) this.#setData(row, zxid, told);
    else this.#create(row, last, zxid, type === OpCode.create2, told);
    this.#tree.lastProcessedZxid = zxid;
    this.#tree.digests.appliedOwn(
      zxid,
      rows.word(last, ROW_TREE_DIGEST_HIGH),
      rows.word(last, ROW_TREE_DIGEST_LOW),
    );
    return outcome;
  }

  #setData(row: Row, zxid: Zxid, observer: ChangeObserver | undefined): void {
    const { state, quotas } = this.#tree;
    const rows = this.#rows;
    const node = this.#nodeOf(row);
    if (node === 0) return this.#outcome.fail(ErrorCode.NONODE);
    const lengthBefore = state.store.dataLength(node);
    state.beforeChange(node);
    this.#applyData(node, row);
    rows.copyModified(row, state.store, node);
    state.setDigest(node, rows.word(row, ROW_DIGEST));
    if (quotas.count > 0) quotas.dataChanged(rows.path(row), state.store.dataLength(node) - lengthBefore);
    observer?.dataChanged(rows.path(row), zxid, state.acl(node));
    this.#outcome.keepPath(rows.buffer(row), rows.word(row, ROW_PATH_START), rows.word(row, ROW_PATH_END));
    this.#outcome.showStat(state.store, node);
  }

  #create(
    parentRow: Row,
    row: Row,
    zxid: Zxid,
    hasStat: boolean,
    observer: ChangeObserver | undefined,
  ): void {
    const { state, quotas } = this.#tree;
    const rows = this.#rows;
    const bytes = rows.buffer(row);
    const start = rows.word(row, ROW_PATH_START);
    const end = rows.word(row, ROW_PATH_END);
    const parent = this.#nodeOf(parentRow);
    if (parent === 0) return this.#outcome.fail(ErrorCode.NONODE);
    if (state.findHashed(rows.word(row, ROW_HASH), bytes, start, end) !== 0)
      return this.#outcome.fail(ErrorCode.NODEEXISTS);
    state.beforeChange(parent);
    state.advanceChildren(parent, rows.int(parentRow, ROW_CVERSION), zxid);
    const node = state.add(
      parent,
      bytes,
      start,
      end,
      rows.word(parentRow, ROW_PATH_END) - rows.word(parentRow, ROW_PATH_START) + start + 1,
    );
    this.#applyData(node, row);
    state.setAcl(node, rows.acl(row));
    rows.copyBirth(row, state.store, node);
    if (rows.word(row, ROW_KIND) === EphemeralType.NORMAL)
      state.setOwner(node, EphemeralType.NORMAL, rows.owner(row));
    state.setDigest(parent, rows.word(parentRow, ROW_DIGEST));
    state.setDigest(node, rows.word(row, ROW_DIGEST));
    rows.setWord(row, ROW_NODE, node);
    if (quotas.count > 0) quotas.created(rows.path(row), state.store.dataLength(node));
    observer?.created(rows.path(row), zxid, state.acl(node), state.acl(parent));
    this.#outcome.keepPath(bytes, start, end);
    if (hasStat) this.#outcome.showStat(state.store, node);
  }

  #applyData(node: NodeId, row: Row): void {
    const rows = this.#rows;
    this.#tree.state.setSummedData(
      node,
      rows.buffer(row),
      rows.word(row, ROW_DATA_START),
      rows.word(row, ROW_DATA_END),
      rows.word(row, ROW_BODY_CRC),
    );
  }

  /** Known since the preparation, unless the node was in flight then. */
  #nodeOf(row: Row): NodeId {
    const rows = this.#rows;
    const node = rows.word(row, ROW_NODE);
    if (node !== 0) return node;
    const start = rows.word(row, ROW_PATH_START);
    return this.#tree.state.findHashed(
      rows.word(row, ROW_HASH),
      rows.buffer(row),
      start,
      rows.word(row, ROW_PATH_END),
    );
  }
}
