import { Acl as WireAcl, Perms, permString } from '@corral/protocol';
import type { Digests } from '@corral/runtime';
import { toUtf8 } from './codec.ts';

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

/** Whoever proves to be `user` with this password (`addAuth('digest', 'user:password')`): `user:base64(sha1)`. */
export function digestAcl(digests: Digests, user: string, password: string, perms = 'cdrwa'): Acl {
  const hash = digests.digest('sha1', toUtf8(`${user}:${password}`));
  return { perms, scheme: 'digest', id: `${user}:${base64(hash)}` };
}

/** @throws TypeError, RangeError where it is no ACL */
export function toWireAcls(entries: readonly Acl[]): readonly WireAcl[] {
  if (!Array.isArray(entries)) throw new TypeError('the ACL is not a list');
  return (entries as readonly Acl[]).map((entry) => {
    const { perms, scheme, id } = entry;
    if (![perms, scheme, id].every((part) => typeof part === 'string'))
      throw new TypeError('an entry of the ACL is not { perms, scheme, id }, all text');
    return new WireAcl(permsOf(perms), scheme, id);
  });
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

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const group = (a << 16) | (b << 8) | c;
    for (const shift of [18, 12, 6, 0]) text += BASE64[(group >> shift) & 63];
  }
  const excess = (3 - (bytes.length % 3)) % 3;
  return text.slice(0, text.length - excess) + '='.repeat(excess);
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BITS: Readonly<Record<string, number>> = {
  c: Perms.CREATE,
  d: Perms.DELETE,
  r: Perms.READ,
  w: Perms.WRITE,
  a: Perms.ADMIN,
};
