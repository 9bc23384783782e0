import { NodeExistsError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import type { Call, Command } from '../../command.ts';
import { type CopiedNode, readCopyUnlessGone } from '../../copied-node.ts';
import { counted } from '../../counted.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { mapAhead } from '../../map-ahead.ts';
import { nodeKindOf } from '../../node-kind.ts';
import { subtree } from '../../subtree.ts';

/** Nodes under way at once: each may hold a megabyte. */
const AHEAD_MAX = 64;

export const cp: Command = {
  names: ['cp'],
  group: 'change',
  usage: '[-r] [-f] from to',
  summary: 'a node like another, with its data and ACL',
  example: 'cp -r /app /app-before',
  flags: [
    { name: '-r', summary: 'with everything below; ephemeral nodes are left out' },
    { name: '-f', summary: 'nodes that exist get the data and the ACL; without it nothing may exist' },
  ],
  operands: [
    { name: 'from', kind: 'path' },
    { name: 'to', kind: 'path' },
  ],
  async run(call) {
    const { client, words, out, settings, signal } = call;
    const [from, to] = words.operands as [string, string];
    const isForced = words.has('-f');
    if (from === to || (words.has('-r') && isBelow(from, to)))
      throw new CommandError(ExitCode.usage, `${to} lies within ${from}`);
    if (!isForced && (await client.exists(to, { signal })) !== null)
      throw new NodeExistsError(ErrorCode.NODEEXISTS, 'create', to);
    let copied = 0;
    let first: Promise<void> | undefined;
    const copies = mapAhead(pathsOf(call, from), AHEAD_MAX, (path) =>
      readCopyUnlessGone(client, path, signal),
    );
    const made = mapAhead(copies, AHEAD_MAX, async (copy) => {
      if (copy === undefined) return false;
      const target = moved(copy.path, from, to);
      if (settings.isDryRun) out.line(`would create ${target}`);
      else {
        const writeIt = (): Promise<void> => write(call, { ...copy, path: target }, isForced);
        // Where the topmost node cannot be made, nothing is put below somebody else's.
        const written = first === undefined ? writeIt() : first.then(writeIt);
        first ??= written;
        await written;
      }
      return true;
    });
    for await (const isMade of made) {
      if (isMade && ++copied % 1000 === 0) out.progress(counted(copied, 'node'));
    }
    out.progress('');
    out.json({ path: to, copied });
    if (!settings.isDryRun) out.note(`Created ${counted(copied, 'node')}`);
  },
};

/** Those that are copied, parents first. */
async function* pathsOf(
  { client, words, out, signal }: Call,
  from: string,
): AsyncGenerator<string, undefined> {
  const depthMax = words.has('-r') ? Number.POSITIVE_INFINITY : 0;
  for await (const { path, depth, stat, isClosed } of subtree(client, from, { signal, depthMax })) {
    if (isClosed) throw new CommandError(ExitCode.noAuth, `Insufficient permission : ${path}`);
    // The one that was named is copied whatever it is: its data are what is wanted.
    if (depth > 0 && stat !== undefined && nodeKindOf(stat) === 'ephemeral')
      out.note(`${path} is ephemeral: left out`);
    else yield path;
  }
  return undefined;
}

async function write({ client, signal }: Call, node: CopiedNode, isForced: boolean): Promise<void> {
  const { path, data, acl } = node;
  try {
    await client.create(path, data, { acl, signal });
  } catch (error) {
    if (!isForced || !(error instanceof NodeExistsError)) throw error;
    await client.set(path, data, { signal });
    await client.setAcl(path, acl, { signal });
  }
}

function isBelow(path: string, other: string): boolean {
  return other.startsWith(path === '/' ? '/' : `${path}/`);
}

function moved(path: string, from: string, to: string): string {
  const below = from === '/' ? path : path.slice(from.length);
  return below === '/' || below === '' ? to : (to === '/' ? '' : to) + below;
}
