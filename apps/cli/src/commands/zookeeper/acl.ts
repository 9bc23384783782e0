import { aclLines, parseAcl } from '../../acl-text.ts';
import type { Call, Command } from '../../command.ts';
import { depthFirst, namesOf } from '../../depth-first.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { failureOf } from '../../failure.ts';
import { versionOf } from '../../numbers.ts';
import { statJson, statLines } from '../../stat-text.ts';

export const getAcl: Command = {
  names: ['getAcl'],
  group: 'zookeeper',
  usage: '[-s] path',
  summary: 'who may do what with a node',
  flags: [{ name: '-s', summary: 'the Stat, too' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, words, out, signal }) {
    const [path] = words.operands as [string];
    const { acl, stat } = await client.getAcl(path, { signal });
    out.json({ path, acl, stat: statJson(stat) });
    for (const line of aclLines(acl)) out.line(line);
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};

export const setAcl: Command = {
  names: ['setAcl'],
  group: 'zookeeper',
  usage: '[-s] [-v version] [-R] path acl',
  summary: 'another list of who may do what: scheme:id:perms,...',
  flags: [
    { name: '-s', summary: 'the Stat that it has then' },
    { name: '-v', value: 'version', summary: 'only where its ACL has this version' },
    { name: '-R', summary: 'for everything below, too' },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'acl', kind: 'acl' },
  ],
  async run(call) {
    const { client, words, out, signal } = call;
    const [path, text] = words.operands as [string, string];
    const acl = parseAcl(text);
    const version = versionOf(words);
    if (words.has('-R')) return setAll(call, path, acl, version);
    if (isOnlyTold(call, `set the ACL of ${path}`)) return;
    const stat = await client.setAcl(path, acl, { version, signal });
    out.json({ path, stat: statJson(stat) });
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};

/** A node that refuses is told, and the others are gone on with. */
async function setAll(
  call: Call,
  root: string,
  acl: ReturnType<typeof parseAcl>,
  version: number,
): Promise<void> {
  const { client, out, signal } = call;
  await client.get(root, { signal });
  await setOne(root);
  for await (const paths of depthFirst(root, (path) => namesOf(client, path, signal)))
    for (const path of paths) await setOne(path);

  async function setOne(path: string): Promise<void> {
    if (isOnlyTold(call, `set the ACL of ${path}`)) return;
    try {
      await client.setAcl(path, acl, { version, signal });
    } catch (error) {
      signal.throwIfAborted();
      out.note(failureOf(error).message);
    }
  }
}
