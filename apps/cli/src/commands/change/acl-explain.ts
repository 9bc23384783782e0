import { isIP, BlockList } from 'node:net';
import { type Acl, NoAuthError } from '@corral/client';
import { parentPath } from '@corral/protocol';
import type { Call } from '../../command.ts';
import { identityOf, type Who } from './acl-identity.ts';

/** What may be done with the node, and by which entry of which ACL: as a server goes through them (ZooKeeperServer.checkACL). */
export async function explainAcl(call: Call, path: string, text: string | undefined): Promise<void> {
  const { client, out, signal } = call;
  const who = text === undefined ? await client.whoAmI({ signal }) : [identityOf(call, text)];
  const here = await entriesOf(call, path);
  const above = path === '/' ? undefined : await entriesOf(call, parentPath(path));
  out.line(`${path}, for ${who.map(({ scheme, id }) => `${scheme}:${id}`).join(', ') || 'nobody'}:`);
  for (const { deed, perm, isOfParent } of DEEDS) {
    // The root cannot be deleted, whatever its ACL says.
    if (isOfParent && above === undefined) continue;
    const verdict = verdictOf(isOfParent ? above : here, who, perm);
    const where = isOfParent ? ` of ${parentPath(path)}` : '';
    out.line(`  ${deed.padEnd(17)} ${textOf(verdict)} (${perm}${where})`);
    out.json({ path, deed, perm, isOfParent, ...verdict });
  }
}

interface Verdict {
  /** Null where the ACL is not ours to read. */
  readonly isAllowed: boolean | null;
  /** The entry that allows it; null where none does, or none is needed. */
  readonly by: Acl | null;
  readonly why: string;
}

function verdictOf(entries: readonly Acl[] | undefined, who: readonly Who[], perm: string): Verdict {
  if (who.some(({ scheme }) => scheme === 'super'))
    return { isAllowed: true, by: null, why: 'super may do everything' };
  if (entries === undefined) return { isAllowed: null, by: null, why: 'its ACL is not ours to read' };
  const having = entries.filter(({ perms }) => perms.includes(perm));
  const by = having.find((entry) => who.some((identity) => isMeant(entry, identity)));
  if (by === undefined) {
    const others = having.map(({ scheme, id }) => `${scheme}:${id}`).join(', ');
    return { isAllowed: false, by: null, why: others === '' ? 'nobody may' : `only ${others}` };
  }
  // A server tells us our user, and those who may not administer a node no hashes.
  const isByName = by.scheme === 'digest' && !who.some(({ id }) => id === by.id);
  return { isAllowed: true, by, why: isByName ? 'if the password is that one' : '' };
}

function isMeant(entry: Acl, { scheme, id }: Who): boolean {
  if (entry.scheme === 'world' && entry.id === 'anyone') return true;
  if (entry.scheme !== scheme) return false;
  if (scheme === 'ip') return isWithin(entry.id, id);
  if (scheme === 'digest' && (!id.includes(':') || entry.id.endsWith(':x')))
    return userOf(entry.id) === userOf(id);
  return entry.id === id;
}

/** An address, or a network of them: `10.0.0.0/8`. */
function isWithin(network: string, address: string): boolean {
  const [base = '', bits] = network.split('/', 2);
  const version = isIP(base);
  if (version === 0 || isIP(address) !== version) return false;
  const wide = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? wide : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (prefix < 0 || prefix > wide) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return list.check(address, family);
}

async function entriesOf({ client, signal }: Call, path: string): Promise<readonly Acl[] | undefined> {
  try {
    return (await client.getAcl(path, { signal })).acl;
  } catch (error) {
    if (error instanceof NoAuthError) return undefined;
    throw error;
  }
}

function textOf({ isAllowed, by, why }: Verdict): string {
  const said = isAllowed === null ? 'unknown' : isAllowed ? 'yes' : 'no';
  const entry = by === null ? '' : `, by ${by.scheme}:${by.id}:${by.perms}`;
  return `${said}${entry}${why === '' ? '' : `: ${why}`}`;
}

function userOf(id: string): string {
  return id.split(':', 1)[0]!;
}

const DEEDS = [
  { deed: 'read it', perm: 'r', isOfParent: false },
  { deed: 'set its data', perm: 'w', isOfParent: false },
  { deed: 'create children', perm: 'c', isOfParent: false },
  { deed: 'delete children', perm: 'd', isOfParent: false },
  { deed: 'change its ACL', perm: 'a', isOfParent: false },
  { deed: 'delete it', perm: 'd', isOfParent: true },
] as const;
