import { type AuthProviders, isAllowed } from '@corral/datatree';
import { type Acl, type Identity, Perms } from '@corral/protocol';

/** Whether somebody may do something to a node. Lists are the tree's own, so the usual one is known by its identity. */
export class Access {
  readonly #providers: AuthProviders;
  readonly #skipAcl: boolean;
  /** The list last seen that lets everybody read. */
  #readableByAll: readonly Acl[] | undefined = undefined;

  constructor(providers: AuthProviders, skipAcl: boolean) {
    this.#providers = providers;
    this.#skipAcl = skipAcl;
  }

  canRead(acl: readonly Acl[], identities: readonly Identity[]): boolean {
    if (acl === this.#readableByAll || this.#skipAcl) return true;
    if (isReadableByAll(acl)) {
      this.#readableByAll = acl;
      return true;
    }
    return isAllowed(acl, Perms.READ, identities, this.#providers);
  }

  allows(acl: readonly Acl[], perms: number, identities: readonly Identity[]): boolean {
    return this.#skipAcl || isAllowed(acl, perms, identities, this.#providers);
  }
}

function isReadableByAll(acl: readonly Acl[]): boolean {
  const first = acl[0];
  return (
    first !== undefined &&
    first.scheme === 'world' &&
    first.id === 'anyone' &&
    (first.perms & Perms.READ) !== 0
  );
}
