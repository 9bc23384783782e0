import { type Acl, BadVersionError, type Client, type Stat } from '@corral/client';
import { parseAcl } from '../../acl-text.ts';
import type { Call, Command } from '../../command.ts';
import { refuseHiddenSecrets } from '../../copied-node.ts';
import { counted } from '../../counted.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { mapAhead } from '../../map-ahead.ts';
import { statJson } from '../../stat-text.ts';
import { leavesFirst, subtree } from '../../subtree.ts';
import { explainAcl } from './acl-explain.ts';
import { identityOf, passwordFlag, type Who } from './acl-identity.ts';

/** Nodes under way at once. */
const AHEAD_MAX = 64;

export const acl: Command = {
  names: ['acl'],
  group: 'change',
  usage:
    '[-r] show path | set path acl | grant path who perms | revoke path who [perms] | explain path [who]',
  summary:
    'who may do what: shows it, changes a part of it, or says what somebody may do and by which entry; who is scheme:id, for explain ourselves by default',
  example: 'acl grant /app digest:ann --password secret rw',
  flags: [{ name: '-r', summary: 'set, grant, revoke: of everything below, too' }, passwordFlag],
  operands: [
    { name: 'show|set|grant|revoke|explain', kind: 'word' },
    { name: 'path', kind: 'path' },
    { name: 'who', kind: 'acl', isOptional: true },
    { name: 'perms', kind: 'word', isOptional: true },
  ],
  async run(call) {
    const [what, path, who, perms] = call.words.operands as [string, string, string?, string?];
    switch (what) {
      case 'show':
        return show(call, path);
      case 'set': {
        const wanted = parseAcl(needed(who, 'acl'));
        return changeAll(call, path, () => wanted);
      }
      case 'grant': {
        const [identity, letters] = [identityOf(call, needed(who, 'who')), permsOf(needed(perms, 'perms'))];
        return changeAll(call, path, (before) => granted(before, identity, letters));
      }
      case 'revoke': {
        const [identity, letters] = [identityOf(call, needed(who, 'who')), permsOf(perms ?? 'cdrwa')];
        return changeAll(call, path, (before) => revoked(before, identity, letters));
      }
      case 'explain':
        return explainAcl(call, path, who);
      default:
        throw new CommandError(ExitCode.usage, `acl knows no ${what}: show, set, grant, revoke, explain`);
    }
  },
};

/** As `acl set` and `setAcl` take it. */
export function aclText(entries: readonly Acl[]): string {
  return entries.map(({ scheme, id, perms }) => `${scheme}:${id}:${perms}`).join(',');
}

async function show({ client, out, signal }: Call, path: string): Promise<void> {
  const { acl: entries, stat } = await client.getAcl(path, { signal });
  for (const entry of entries) out.line(aclText([entry]));
  out.json({ path, acl: entries, stat: statJson(stat) });
}

type Change = (before: readonly Acl[]) => readonly Acl[];

async function changeAll(call: Call, root: string, change: Change): Promise<void> {
  const { client, words, out, signal, settings } = call;
  const depthMax = words.has('-r') ? Number.POSITIVE_INFINITY : 0;
  let changed = 0;
  // Children first: what is taken from us at a node does not keep us from those below.
  const nodes = leavesFirst(subtree(client, root, { signal, depthMax }));
  const stats = mapAhead(nodes, AHEAD_MAX, async ({ path }) => {
    const stat = await changeOne(call, path, change);
    if (stat !== undefined) out.json({ path, stat: statJson(stat) });
    return stat;
  });
  for await (const stat of stats) {
    if (stat === undefined) continue;
    if (++changed % 1000 === 0) out.progress(counted(changed, 'node'));
  }
  out.progress('');
  if (!settings.isDryRun) out.note(`Changed the ACL of ${counted(changed, 'node')}`);
}

/** @returns undefined where it is as it should be already, or where it is only told */
async function changeOne(call: Call, path: string, change: Change): Promise<Stat | undefined> {
  const { client, out, signal } = call;
  for (;;) {
    const { before, stat } = await read(client, path, signal);
    const after = change(before);
    if (after.length === 0)
      throw new CommandError(ExitCode.refused, `nothing would be left of the ACL of ${path}`);
    if (aclText(after) === aclText(before)) return undefined;
    if (isOnlyTold(call, `set the ACL of ${path} to ${aclText(after)}`)) return undefined;
    if (!after.some(({ perms }) => perms.includes('a')))
      out.note(`nobody may change the ACL of ${path} any more: none has the permission a`);
    try {
      return await client.setAcl(path, after, { version: stat.aversion, signal });
    } catch (error) {
      // Somebody was faster: this change of what is there now.
      if (!(error instanceof BadVersionError)) throw error;
    }
  }
}

async function read(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<{ before: readonly Acl[]; stat: Stat }> {
  const { acl: before, stat } = await client.getAcl(path, { signal });
  refuseHiddenSecrets(path, before);
  return { before, stat };
}

function granted(before: readonly Acl[], { scheme, id }: Who, perms: string): readonly Acl[] {
  const own = before.find((entry) => entry.scheme === scheme && entry.id === id);
  if (own === undefined) return [...before, { scheme, id, perms }];
  const both = LETTERS.filter((letter) => own.perms.includes(letter) || perms.includes(letter));
  return before.map((entry) => (entry === own ? { ...entry, perms: both.join('') } : entry));
}

function revoked(before: readonly Acl[], { scheme, id }: Who, perms: string): readonly Acl[] {
  return before
    .map((entry) => {
      if (entry.scheme !== scheme || entry.id !== id) return entry;
      const left = LETTERS.filter((letter) => entry.perms.includes(letter) && !perms.includes(letter));
      return { ...entry, perms: left.join('') };
    })
    .filter((entry) => entry.perms !== '');
}

function permsOf(text: string): string {
  if (text === '' || /[^cdrwa]/.test(text))
    throw new CommandError(ExitCode.usage, `perms are letters of cdrwa, not ${text}`);
  return LETTERS.filter((letter) => text.includes(letter)).join('');
}

function needed(word: string | undefined, name: string): string {
  if (word === undefined) throw new CommandError(ExitCode.usage, `${name} is missing`);
  return word;
}

const LETTERS = ['c', 'd', 'r', 'w', 'a'] as const;
