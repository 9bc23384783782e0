import { type Acl, EphemeralType, ErrorCode, type Zxid } from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import { FIRST_CHILD, type NodeId, NOT_DIGESTED, ROOT } from './node-record.ts';
import type { Quotas } from './quotas.ts';
import { isDigested } from './tree-digest.ts';
import type { TreeState } from './tree-state.ts';

/** What a create makes beside path, data and ACL. One object, filled anew for each. */
export class Birth {
  /** An `EphemeralType`. */
  kind: number = EphemeralType.VOID;
  owner = 0n;
  /** The parent's after the create; -1 in logs before 3.4: one more than it is. */
  parentCVersion = 0;
  zxid: Zxid = 0 as Zxid;
  time = 0;
}

/**
 * The single changes that transactions are made of, as DataTree.java makes them: total, so that a log replayed
 * over an image that already has some of it comes to the same tree. Each returns an `ErrorCode`.
 */
export class Changes {
  /** The node of the last change that went well. */
  node: NodeId = 0;
  readonly #state: TreeState;
  readonly #quotas: Quotas;

  constructor(state: TreeState, quotas: Quotas) {
    this.#state = state;
    this.#quotas = quotas;
  }

  create(
    path: string,
    data: Uint8Array | null,
    acl: readonly Acl[] | null,
    birth: Birth,
    observer: ChangeObserver | undefined,
  ): number {
    const state = this.#state;
    const length = state.encodePath(path);
    const slash = lastSlash(state.pathBytes, length);
    if (slash < 0 || slash + 1 === length) return ErrorCode.BADARGUMENTS;
    const parent = state.find(state.pathBytes, 0, slash);
    if (parent === 0) return ErrorCode.NONODE;
    const existing = state.find(state.pathBytes, 0, length);
    state.beforeChange(parent);
    if (existing !== 0) {
      state.beforeChange(existing);
      state.setAcl(existing, acl);
    }
    const { store } = state;
    const cversion = birth.parentCVersion === -1 ? (store.cversion(parent) + 1) | 0 : birth.parentCVersion;
    state.advanceChildren(parent, cversion, birth.zxid);
    if (existing !== 0) {
      state.rehash(parent);
      return ErrorCode.NODEEXISTS;
    }
    const node = state.add(parent, state.pathBytes, 0, length, slash + 1);
    if (!isDigested(path)) store.set(node, NOT_DIGESTED, true);
    state.setData(node, state.pathBytes, length, data);
    state.setAcl(node, acl);
    state.setBirth(node, birth.zxid, birth.time);
    state.setOwner(node, birth.kind, birth.owner);
    state.rehash(parent);
    state.rehash(node);
    this.node = node;
    this.#quotas.created(path, store.dataLength(node));
    observer?.created(path, birth.zxid, state.acl(node), state.acl(parent));
    return ErrorCode.OK;
  }

  delete(path: string, zxid: Zxid, observer: ChangeObserver | undefined): number {
    const state = this.#state;
    const length = state.encodePath(path);
    const slash = lastSlash(state.pathBytes, length);
    if (slash < 0 || slash + 1 === length) return ErrorCode.BADARGUMENTS;
    const parent = state.find(state.pathBytes, 0, slash);
    if (parent === 0) return ErrorCode.NONODE;
    const node = state.find(state.pathBytes, 0, length);
    // Also where the node is gone: an image may have been taken of the parent before this delete, of its
    // children after it (ZOOKEEPER-3125).
    state.beforeChange(parent);
    state.advancePzxid(parent, zxid);
    if (node === 0) {
      state.rehash(parent);
      return ErrorCode.NONODE;
    }
    const acl = state.acl(node);
    const dataLength = state.store.dataLength(node);
    // Only replay over Apache's fuzzy images meets children here: they were created after this delete, and the
    // log is about to create them again. Left behind, no parent would list them.
    const hasChildren = state.store.word(node, FIRST_CHILD) !== 0;
    state.remove(node);
    state.rehash(parent);
    if (hasChildren) this.#quotas.rebuild();
    else this.#quotas.deleted(path, dataLength);
    observer?.deleted(path, zxid, acl, state.acl(parent));
    return ErrorCode.OK;
  }

  setData(
    path: string,
    data: Uint8Array | null,
    version: number,
    zxid: Zxid,
    time: number,
    observer: ChangeObserver | undefined,
  ): number {
    const state = this.#state;
    const length = state.encodePath(path);
    const node = state.find(state.pathBytes, 0, length);
    if (node === 0) return ErrorCode.NONODE;
    const before = state.store.dataLength(node);
    state.beforeChange(node);
    state.setData(node, state.pathBytes, length, data);
    state.setModified(node, version, zxid, time);
    state.rehash(node);
    this.node = node;
    this.#quotas.dataChanged(path, state.store.dataLength(node) - before);
    observer?.dataChanged(path, zxid, state.acl(node));
    return ErrorCode.OK;
  }

  setAcl(path: string, acl: readonly Acl[] | null, aversion: number): number {
    const state = this.#state;
    const length = state.encodePath(path);
    const node = state.find(state.pathBytes, 0, length);
    if (node === 0) return ErrorCode.NONODE;
    state.beforeChange(node);
    state.setAcl(node, acl);
    state.setAversion(node, aversion);
    state.rehash(node);
    this.node = node;
    return ErrorCode.OK;
  }

  /** Deletes the nodes the transaction names, in its order, and whatever else the session still owns. */
  closeSession(
    session: bigint,
    paths: readonly string[] | undefined,
    zxid: Zxid,
    observer: ChangeObserver | undefined,
  ): void {
    for (const path of paths ?? []) this.delete(path, zxid, observer);
    const left = Array.from(this.#state.owners.ofSession(session), (node) => this.#state.pathOf(node));
    for (const path of left) this.delete(path, zxid, observer);
  }

  /** The nodes every tree begins with: they belong to no transaction. */
  addBuiltIn(path: string): NodeId {
    const state = this.#state;
    const length = state.encodePath(path);
    const slash = lastSlash(state.pathBytes, length);
    const parent = state.find(state.pathBytes, 0, slash);
    state.find(state.pathBytes, 0, length);
    const node = state.add(parent, state.pathBytes, 0, length, slash + 1);
    if (!isDigested(path)) state.store.set(node, NOT_DIGESTED, true);
    state.setData(node, state.pathBytes, length, NO_DATA);
    state.rehash(node);
    return node;
  }

  /** The root is there from the first; this makes it count. */
  addRoot(): void {
    this.#state.setData(ROOT, this.#state.pathBytes, 0, NO_DATA);
    this.#state.rehash(ROOT);
  }
}

function lastSlash(path: Uint8Array, length: number): number {
  let at = length - 1;
  while (at >= 0 && path[at] !== SLASH) at--;
  return at;
}

const NO_DATA = new Uint8Array(0);
const SLASH = 0x2f;
