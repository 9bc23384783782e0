import { Acl as WireAcl, Perms, permString } from '@corral/protocol';

/** Who may do what with a node. */
export interface Acl {
  /** Letters of `cdrwa`: create, delete, read, write, admin. */
  readonly perms: string;
  readonly scheme: string;
  readonly id: string;
}

/** Everybody may do everything. */
const open: readonly Acl[] = [{ perms: 'cdrwa', scheme: 'world', id: 'anyone' }];
const readOnly: readonly Acl[] = [{ perms: 'r', scheme: 'world', id: 'anyone' }];
/** Everything for every identity this client has: the server puts those in the place of `auth`. */
const creatorAll: readonly Acl[] = [{ perms: 'cdrwa', scheme: 'auth', id: '' }];

/** The usual lists. */
export const acl: {
  readonly open: readonly Acl[];
  readonly readOnly: readonly Acl[];
  readonly creatorAll: readonly Acl[];
} = { open, readOnly, creatorAll };

export function toWireAcls(entries: readonly Acl[]): readonly WireAcl[] {
  if (!Array.isArray(entries)) throw new TypeError('the ACL is not a list');
  return entries.map(({ perms, scheme, id }) => new WireAcl(permsOf(perms), scheme, id));
}

export function fromWireAcl({ perms, scheme, id }: WireAcl): Acl {
  return { perms: permString(perms), scheme: scheme ?? '', id: id ?? '' };
}

function permsOf(letters: string): number {
  let perms = 0;
  for (const letter of letters) {
    const bit = BITS[letter];
    if (bit === undefined) throw new RangeError(`no permission "${letter}" (there are cdrwa)`);
    perms |= bit;
  }
  return perms;
}

const BITS: Readonly<Record<string, number>> = {
  c: Perms.CREATE,
  d: Perms.DELETE,
  r: Perms.READ,
  w: Perms.WRITE,
  a: Perms.ADMIN,
};
