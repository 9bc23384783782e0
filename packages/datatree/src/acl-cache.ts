import { type Acl, OPEN_ACL_UNSAFE } from '@corral/protocol';

/** The id of "no list": everybody may do everything. In snapshots it is -1. */
export const OPEN_ACL = 0;

/**
 * Every ACL list once (ReferenceCountedACLCache). Lists are compared by what they say, kept while a node uses
 * them, and handed out as the same object each time.
 */
export class AclCache {
  readonly #lists: (readonly Acl[] | undefined)[] = [OPEN_ACL_UNSAFE];
  readonly #usages: number[] = [0];
  readonly #ids: Map<string, number> = new Map();
  readonly #freeIds: number[] = [];
  /** The list asked for last: clients ask for the same one again and again. */
  #last = OPEN_ACL;

  get size(): number {
    return this.#ids.size;
  }

  /** The id of a list, used once more from now on. The list belongs to the cache and must not change. */
  intern(acls: readonly Acl[] | null): number {
    if (acls === null) return OPEN_ACL;
    if (this.#last !== OPEN_ACL && isSame(acls, this.#lists[this.#last])) {
      this.#usages[this.#last]!++;
      return this.#last;
    }
    const key = keyOf(acls);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#freeIds.pop() ?? this.#lists.length;
      this.#lists[id] = acls;
      this.#usages[id] = 0;
      this.#ids.set(key, id);
    }
    this.#usages[id]!++;
    this.#last = id;
    return id;
  }

  /** One more use of a list that is in use. */
  retain(id: number): void {
    if (id !== OPEN_ACL) this.#usages[id]!++;
  }

  release(id: number): void {
    if (id === OPEN_ACL) return;
    if (--this.#usages[id]! > 0) return;
    this.#ids.delete(keyOf(this.#lists[id]!));
    this.#lists[id] = undefined;
    this.#freeIds.push(id);
  }

  list(id: number): readonly Acl[] {
    return this.#lists[id]!;
  }

  /** The lists in use with their ids, as they are now. */
  entries(): (readonly [number, readonly Acl[]])[] {
    return Array.from(this.#ids.values(), (id) => [id, this.#lists[id]!] as const);
  }
}

function isSame(acls: readonly Acl[], others: readonly Acl[] | undefined): boolean {
  if (acls === others) return true;
  if (others === undefined || acls.length !== others.length) return false;
  for (let i = 0; i < acls.length; i++) {
    const acl = acls[i]!;
    const other = others[i]!;
    if (acl.perms !== other.perms || acl.scheme !== other.scheme || acl.id !== other.id) return false;
  }
  return true;
}

/** Lengths before texts, so that no two lists share a key whatever their ids contain. */
function keyOf(acls: readonly Acl[]): string {
  let key = '';
  for (const { perms, scheme, id } of acls) {
    key += `${perms},${scheme === null ? -1 : scheme.length},${id === null ? -1 : id.length};${scheme ?? ''}${id ?? ''}`;
  }
  return key;
}
