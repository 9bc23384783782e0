import type { Call, Command } from '../../command.ts';
import { type CopiedNode, readCopyUnlessGone } from '../../copied-node.ts';
import { counted } from '../../counted.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { nodeKindOf } from '../../node-kind.ts';
import { subtree } from '../../subtree.ts';

/** What goes into one request, far below a server's jute.maxbuffer: it is one transaction. */
const NODES_MAX = 1000;
const BYTES_MAX = 500_000;

export const mv: Command = {
  names: ['mv'],
  group: 'change',
  usage: 'from to',
  summary: 'a node and all below it to another path: in one transaction, or not at all',
  example: 'mv /app/new /app/current',
  flags: [],
  operands: [
    { name: 'from', kind: 'path' },
    { name: 'to', kind: 'path' },
  ],
  async run(call) {
    const { client, words, out, settings, signal } = call;
    const [from, to] = words.operands as [string, string];
    if (from === '/' || to === from || to.startsWith(`${from}/`))
      throw new CommandError(ExitCode.usage, `${to} lies within ${from}`);
    const nodes = await all(call, from);
    const moved = (path: string): string => to + path.slice(from.length);
    if (settings.isDryRun) {
      for (const { path } of nodes) out.line(`would move ${path} to ${moved(path)}`);
      return;
    }
    const transaction = client.transaction();
    for (const { path, data, acl } of nodes) transaction.create(moved(path), data ?? '', { acl });
    // A node that was changed meanwhile has another version; one that has got children cannot be deleted.
    for (const { path, version } of nodes.toReversed()) transaction.delete(path, version);
    await transaction.commit({ signal });
    out.json({ from, to, moved: nodes.length });
    out.note(`Moved ${counted(nodes.length, 'node')}`);
  },
};

interface MovedNode extends CopiedNode {
  readonly version: number;
}

/** Parents first. */
async function all({ client, signal }: Call, from: string): Promise<readonly MovedNode[]> {
  const nodes: MovedNode[] = [];
  let bytes = 0;
  for await (const { path, stat } of subtree(client, from, { signal })) {
    if (stat !== undefined && nodeKindOf(stat) === 'ephemeral')
      throw new CommandError(ExitCode.refused, `${path} is ephemeral: it stays with its session`);
    // Its version first: whatever is written behind that is noticed.
    const before = await client.exists(path, { signal });
    const copy = await readCopyUnlessGone(client, path, signal);
    if (before === null || copy === undefined) continue;
    nodes.push({ ...copy, version: before.version });
    bytes += 2 * path.length + (copy.data?.length ?? 0) + JSON.stringify(copy.acl).length;
    if (nodes.length > NODES_MAX || bytes > BYTES_MAX)
      throw new CommandError(
        ExitCode.refused,
        `${from} is too large for one transaction; cp -r and rm -r move it step by step`,
      );
  }
  return nodes;
}
