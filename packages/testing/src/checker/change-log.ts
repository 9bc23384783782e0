import { parentPath, Perms } from '@corral/protocol';
import type { AclRecord } from '../history.ts';
import { firstIndex } from './history-index.ts';
import { NODE_CHILDREN_CHANGED, NODE_CREATED, NODE_DELETED } from './model-tree.ts';

export interface Change {
  readonly type: number;
  readonly path: string;
  readonly zxid: number;
  /** Of the node, as it was when a watcher's right to know was checked. */
  readonly acl: readonly AclRecord[] | undefined;
}

/** Everything that a watch may wait for, by path, in the order of zxids. */
export class ChangeLog {
  readonly #data: Map<string, Change[]> = new Map();
  readonly #children: Map<string, Change[]> = new Map();
  /** Of everything at and below these paths, for recursive watches. */
  readonly #below: Map<string, Change[]> = new Map();
  readonly #distrusted: Set<string> = new Set();

  /**
   * @param recursive paths at which recursive watches are ever set.
   * @param guessed paths at which this is not certain
   * @param isAclKnown whether the ACL of a path is certain at a zxid
   */
  constructor(
    recursive: Iterable<string>,
    changes: readonly Change[],
    guessed: readonly string[],
    isAclKnown: (path: string, zxid: number) => boolean,
  ) {
    for (const path of recursive) this.#below.set(path, []);
    for (const change of changes)
      this.#add(isAclKnown(change.path, change.zxid) ? change : { ...change, acl: UNKNOWN_ACL });
    for (const path of guessed) this.#distrust(path);
  }

  isCertain(path: string): boolean {
    return !this.#distrusted.has(path);
  }

  dataOf(path: string): readonly Change[] {
    return this.#data.get(path) ?? NOTHING;
  }

  childrenOf(path: string): readonly Change[] {
    return this.#children.get(path) ?? NOTHING;
  }

  /** Without the end of the node itself. */
  childrenOnlyOf(path: string): readonly Change[] {
    return this.childrenOf(path).filter(({ type }) => type === NODE_CHILDREN_CHANGED);
  }

  below(path: string): readonly Change[] {
    return this.#below.get(path) ?? NOTHING;
  }

  /** Whether the node was there at this zxid, and what then was its mzxid. */
  nodeAt(path: string, zxid: number): { readonly isThere: boolean; readonly mzxid: number } {
    const changes = this.dataOf(path);
    const last = changes[after(changes, zxid) - 1];
    return { isThere: last !== undefined && last.type !== NODE_DELETED, mzxid: last?.zxid ?? 0 };
  }

  /** The pzxid of a node that was there at this zxid. */
  pzxidAt(path: string, zxid: number): number {
    const changes = this.childrenOf(path);
    const last = changes[after(changes, zxid) - 1];
    const data = this.dataOf(path);
    for (let i = after(data, zxid) - 1; i >= 0; i--) {
      if (data[i]!.type === NODE_CREATED)
        return Math.max(data[i]!.zxid, last?.type === NODE_CHILDREN_CHANGED ? last.zxid : 0);
    }
    return last?.zxid ?? 0;
  }

  #add(change: Change): void {
    const { type, path, zxid } = change;
    if (Number.isNaN(zxid)) this.#distrust(path);
    append(type === NODE_CHILDREN_CHANGED ? this.#children : this.#data, path, change);
    // A child watch ends with its node.
    if (type === NODE_DELETED) append(this.#children, path, change);
    if (type === NODE_CHILDREN_CHANGED || this.#below.size === 0) return;
    for (let above = path; ; above = parentPath(above)) {
      this.#below.get(above)?.push(change);
      if (above === '/') return;
    }
  }

  /** What happened at this path is not known for certain. */
  #distrust(path: string): void {
    this.#distrusted.add(path);
    for (const above of this.#below.keys()) if (isBelow(path, above)) this.#distrusted.add(above);
  }
}

/** The index of the first change behind this zxid. */
export function after(changes: readonly Change[], zxid: number): number {
  return firstIndex(changes.length, (i) => changes[i]!.zxid > zxid);
}

export function isBelow(path: string, above: string): boolean {
  return (
    above === '/' || path === above || (path.startsWith(above) && path.charCodeAt(above.length) === SLASH)
  );
}

function append(changes: Map<string, Change[]>, path: string, change: Change): void {
  const known = changes.get(path);
  if (known === undefined) changes.set(path, [change]);
  else known.push(change);
}

/** Nobody can tell what it allows. */
const UNKNOWN_ACL: readonly AclRecord[] = [{ perms: Perms.ALL, scheme: 'unknown', id: '' }];
const NOTHING: readonly Change[] = [];
const SLASH = 0x2f;
