import { Acl, ErrorCode, type Identity } from '@corral/protocol';
import type { AuthProviders } from './auth-providers.ts';

/**
 * Whether one of `perms` is granted to somebody who is all of `identities` (ZooKeeperServer.checkACL). An empty
 * list grants everything, and so does an identity of scheme `super`.
 */
export function isAllowed(
  acls: readonly Acl[],
  perms: number,
  identities: readonly Identity[],
  providers: AuthProviders,
): boolean {
  if (acls.length === 0) return true;
  for (const acl of acls) {
    if ((acl.perms & perms) !== 0 && isEverybody(acl)) return true;
  }
  for (const identity of identities) {
    if (identity.scheme === 'super') return true;
    const provider = identity.scheme === null ? undefined : providers.get(identity.scheme);
    if (provider === undefined || identity.id === null) continue;
    for (const acl of acls) {
      if ((acl.perms & perms) === 0 || acl.scheme !== identity.scheme || acl.id === null) continue;
      if (provider.matches(identity.id, acl.id)) return true;
    }
  }
  return false;
}

/**
 * The list as it is stored (PrepRequestProcessor.fixupACL): duplicates dropped, `auth` replaced by every identity
 * that counts as authenticated. Where it cannot be, an `ErrorCode`: INVALIDACL, or MARSHALLINGERROR for an id that
 * is null and would have to be looked at, or a list that has grown beyond `entriesMax`.
 */
export function fixupAcl(
  acls: readonly Acl[] | null,
  identities: readonly Identity[],
  providers: AuthProviders,
  entriesMax: number = Number.POSITIVE_INFINITY,
): Acl[] | ErrorCode {
  if (acls === null || acls.length === 0) return ErrorCode.INVALIDACL;
  const fixed: Acl[] = [];
  for (const acl of acls.length === 1 ? acls : withoutDuplicates(acls)) {
    const error = addFixed(fixed, acl, identities, providers);
    if (error !== ErrorCode.OK) return error;
    if (fixed.length > entriesMax) return ErrorCode.MARSHALLINGERROR;
  }
  return fixed;
}

/** What getACL shows to somebody without ADMIN: the secret half of digests replaced by `x`. */
export function maskAcl(acls: readonly Acl[]): readonly Acl[] {
  return acls.map((acl) => {
    if (acl.scheme !== 'digest' || acl.id === null) return acl;
    return new Acl(acl.perms, acl.scheme, acl.id.replaceAll(/:.*/g, ':x'));
  });
}

function addFixed(
  fixed: Acl[],
  acl: Acl,
  identities: readonly Identity[],
  providers: AuthProviders,
): ErrorCode {
  const { scheme, id } = acl;
  if (scheme === null) return ErrorCode.INVALIDACL;
  if (scheme === 'auth') return addAuthenticated(fixed, acl.perms, identities, providers);
  const provider = providers.get(scheme);
  if (scheme !== 'world' && provider === undefined) return ErrorCode.INVALIDACL;
  if (id === null) return ErrorCode.MARSHALLINGERROR;
  if (!isEverybody(acl) && provider?.isValidId(id) !== true) return ErrorCode.INVALIDACL;
  fixed.push(acl);
  return ErrorCode.OK;
}

function addAuthenticated(
  fixed: Acl[],
  perms: number,
  identities: readonly Identity[],
  providers: AuthProviders,
): ErrorCode {
  const before = fixed.length;
  for (const { scheme, id } of identities) {
    if (scheme !== null && providers.get(scheme)?.isAuthenticated === true)
      fixed.push(new Acl(perms, scheme, id));
  }
  return fixed.length === before ? ErrorCode.INVALIDACL : ErrorCode.OK;
}

function withoutDuplicates(acls: readonly Acl[]): Iterable<Acl> {
  const unique = new Map<string, Acl>();
  for (const acl of acls) {
    const key = `${acl.perms},${acl.scheme === null ? -1 : acl.scheme.length},${acl.scheme}${acl.id === null ? ' ' : `:${acl.id}`}`;
    if (!unique.has(key)) unique.set(key, acl);
  }
  return unique.values();
}

function isEverybody(acl: Acl): boolean {
  return acl.scheme === 'world' && acl.id === 'anyone';
}
