import type { Acl, Identity } from '@corral/protocol';
import type { AuthProviders } from './auth-providers.ts';

/**
 * Whether one of `perms` is granted to somebody who is all of `identities`. An empty list grants everything; so
 * does the scheme `super`.
 */
export function isAllowed(_acls: readonly Acl[], _perms: number, _identities: readonly Identity[], _providers: AuthProviders): boolean {
  throw new Error('unwritten');
}

/**
 * The list as it is stored: duplicates dropped, `auth` replaced by the identities that count as authenticated.
 * Undefined where it is INVALIDACL.
 */
export function fixupAcl(
  _acls: readonly (Acl | null)[] | null,
  _identities: readonly Identity[],
  _providers: AuthProviders,
): Acl[] | undefined {
  throw new Error('unwritten');
}

/** What getACL shows to somebody without ADMIN: digests replaced by `x`. */
export function maskAcl(_acls: readonly Acl[]): readonly Acl[] {
  throw new Error('unwritten');
}
