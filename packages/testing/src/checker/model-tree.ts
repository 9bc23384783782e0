import { baseName, parentPath } from '@corral/protocol';
import type { AclRecord, HistoryRecord } from '../history.ts';
import type { Change } from './change-log.ts';
import type { Trail } from './trail.ts';

/** NaN: not known, and taken over from whoever shows it first. */
export class ModelNode {
  readonly path: string;
  readonly children: Set<string> = new Set();
  value: string | undefined;
  acl: readonly AclRecord[] | undefined;
  /** What is sent until then may still be checked against the list before. */
  aclSettledAt: number = Number.NEGATIVE_INFINITY;
  czxid: number;
  mzxid: number;
  pzxid: number;
  ctime: number = Number.NaN;
  mtime: number = Number.NaN;
  version = 0;
  aversion = 0;
  /** How many children were ever created: the next sequence number, and what `cversion` is made of. */
  creates = 0;
  /** The session it ends with; 0 for none. */
  readonly owner: bigint;
  /** The server removes it by itself: a container, or a node with a time to live. */
  readonly isReaped: boolean;
  /** All nodes below. */
  descendants = 0;
  /** Who last wrote its data; who last changed its children. */
  writer: HistoryRecord | undefined;

  constructor(path: string, zxid: number, owner: bigint, isReaped: boolean) {
    this.path = path;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.pzxid = zxid;
    this.owner = owner;
    this.isReaped = isReaped;
  }

  get cversion(): number {
    return 2 * this.creates - this.children.size;
  }
}

export type Countable =
  | 'czxid'
  | 'mzxid'
  | 'pzxid'
  | 'ctime'
  | 'mtime'
  | 'version'
  | 'aversion'
  | 'creates'
  | 'descendants';

/** What the tree must be after the writes so far: plain, and all that it does can be taken back. */
export class ModelTree {
  readonly nodes: Map<string, ModelNode> = new Map();
  /** Paths of each session's ephemeral nodes. */
  readonly ephemerals: Map<bigint, Set<string>> = new Map();
  /** Who removed the node that was last there. */
  readonly removers: Map<string, HistoryRecord | undefined> = new Map();
  /** When a child last went with its session. */
  readonly lastEnds: Map<string, number> = new Map();
  /** Everything that a watch may wait for, in order. */
  readonly changes: Change[] = [];
  readonly trail: Trail;
  /** Zxids of writes whose place is known. */
  readonly knownZxids: ReadonlySet<number>;
  readonly #aclSlackMs: number | undefined;

  /** @param aclSlackMs as in {@link CheckOptions} */
  constructor(trail: Trail, knownZxids: ReadonlySet<number>, aclSlackMs: number | undefined) {
    this.trail = trail;
    this.knownZxids = knownZxids;
    this.#aclSlackMs = aclSlackMs;
    const root = new ModelNode('/', Number.NaN, 0n, false);
    for (const field of ['creates', 'version', 'aversion', 'descendants'] as const) root[field] = Number.NaN;
    root.children.add('zookeeper');
    this.nodes.set('/', root);
  }

  find(path: string): ModelNode | undefined {
    return this.nodes.get(path);
  }

  /** Whether anything may have been written at this path after this zxid. */
  hasChanged(path: string, zxid: number): boolean {
    const node = this.nodes.get(path);
    if (node !== undefined) return !(node.mzxid <= zxid && node.pzxid <= zxid);
    const remover = this.removers.get(path);
    return remover !== undefined && !(remover.kind === 'request' && remover.zxid > 0 && remover.zxid <= zxid);
  }

  /** Something has changed at this path, at a zxid and in a way that nobody knows. */
  blur(path: string): void {
    this.#change(NODE_DATA_CHANGED, path, Number.NaN, undefined);
  }

  /** Takes over what was not known. */
  adopt(node: ModelNode, field: Countable, value: number): void {
    const old = node[field];
    this.trail.push(() => {
      node[field] = old;
    });
    node[field] = value;
  }

  /** The parent is there, and the path is not. */
  create(node: ModelNode): void {
    const { path } = node;
    const parent = this.nodes.get(parentPath(path))!;
    const { pzxid, creates } = parent;
    const name = baseName(path);
    this.trail.push(() => {
      this.#unlink(node, parent, name);
      parent.creates = creates;
      parent.pzxid = pzxid;
    });
    this.#link(node, parent, name);
    parent.creates += 1;
    parent.pzxid = node.czxid;
    this.#keepOldAcl(parent, node.writer);
    this.#change(NODE_CREATED, path, node.czxid, node.acl);
    this.#change(NODE_CHILDREN_CHANGED, parent.path, node.czxid, parent.acl);
  }

  /** The node is there and has no children. */
  remove(node: ModelNode, zxid: number, by: HistoryRecord | undefined): void {
    const { path } = node;
    const parent = this.nodes.get(parentPath(path))!;
    const { pzxid } = parent;
    const name = baseName(path);
    const remover = this.removers.get(path);
    this.trail.push(() => {
      this.#link(node, parent, name);
      parent.pzxid = pzxid;
      this.removers.set(path, remover);
    });
    this.#unlink(node, parent, name);
    parent.pzxid = zxid;
    this.removers.set(path, by);
    this.#keepOldAcl(parent, by);
    this.#change(NODE_DELETED, path, zxid, node.acl);
    this.#change(NODE_CHILDREN_CHANGED, parent.path, zxid, parent.acl);
  }

  setData(node: ModelNode, value: string, zxid: number, by: HistoryRecord | undefined): void {
    const { value: old, mzxid, mtime, version, writer } = node;
    this.trail.push(() => {
      node.value = old;
      node.mzxid = mzxid;
      node.mtime = mtime;
      node.version = version;
      node.writer = writer;
    });
    node.value = value;
    node.mzxid = zxid;
    node.mtime = Number.NaN;
    node.version += 1;
    node.writer = by;
    this.#keepOldAcl(node, by);
    this.#change(NODE_DATA_CHANGED, node.path, zxid, node.acl);
  }

  setAcl(node: ModelNode, acl: readonly AclRecord[] | undefined, by: HistoryRecord | undefined): void {
    const { acl: old, aclSettledAt, aversion } = node;
    this.trail.push(() => {
      node.acl = old;
      node.aclSettledAt = aclSettledAt;
      node.aversion = aversion;
    });
    node.acl = acl;
    node.aclSettledAt = this.#settlesAt(by);
    node.aversion += 1;
  }

  endSession(session: bigint, zxid: number, by: HistoryRecord | undefined): void {
    for (const path of Array.from(this.ephemerals.get(session) ?? [])) {
      this.remove(this.nodes.get(path)!, zxid, by);
      const parent = parentPath(path);
      const before = this.lastEnds.get(parent) ?? 0;
      this.trail.push(() => this.lastEnds.set(parent, before));
      this.lastEnds.set(parent, zxid);
    }
  }

  /** A write that is checked against the list before makes those behind it be checked against that one too. */
  #keepOldAcl(node: ModelNode, by: HistoryRecord | undefined): void {
    if (by?.kind !== 'request' || node.aclSettledAt < by.invokedAt) return;
    const { aclSettledAt } = node;
    this.trail.push(() => {
      node.aclSettledAt = aclSettledAt;
    });
    node.aclSettledAt = Math.max(aclSettledAt, this.#settlesAt(by));
  }

  /** Nobody knows when an unanswered write was applied. */
  #settlesAt(by: HistoryRecord | undefined): number {
    if (by?.kind !== 'request' || by.outcome === 'unknown') return Number.POSITIVE_INFINITY;
    return this.#aclSlackMs === undefined ? Number.NEGATIVE_INFINITY : by.returnedAt + this.#aclSlackMs;
  }

  #change(type: number, path: string, zxid: number, acl: readonly AclRecord[] | undefined): void {
    this.changes.push({ type, path, zxid, acl });
    this.trail.push(() => this.changes.pop());
  }

  #link(node: ModelNode, parent: ModelNode, name: string): void {
    this.nodes.set(node.path, node);
    parent.children.add(name);
    if (node.owner !== 0n) {
      const owned = this.ephemerals.get(node.owner);
      if (owned === undefined) this.ephemerals.set(node.owner, new Set([node.path]));
      else owned.add(node.path);
    }
    this.#count(parent, 1);
  }

  #unlink(node: ModelNode, parent: ModelNode, name: string): void {
    this.nodes.delete(node.path);
    parent.children.delete(name);
    if (node.owner !== 0n) this.ephemerals.get(node.owner)!.delete(node.path);
    this.#count(parent, -1);
  }

  #count(from: ModelNode, difference: number): void {
    for (let node = from; ; node = this.nodes.get(parentPath(node.path))!) {
      node.descendants += difference;
      if (node.path === '/') return;
    }
  }
}

export const NODE_CREATED = 1;
export const NODE_DELETED = 2;
export const NODE_DATA_CHANGED = 3;
export const NODE_CHILDREN_CHANGED = 4;
