import type { Call, Command } from '../../command.ts';
import { depthFirst } from '../../depth-first.ts';
import { statJson, statLines } from '../../stat-text.ts';

export const ls: Command = {
  names: ['ls'],
  group: 'zookeeper',
  usage: '[-s] [-w] [-R] path',
  summary: 'the names of the children of a node',
  flags: [
    { name: '-s', summary: 'the Stat, too' },
    { name: '-w', summary: 'leave a watch' },
    { name: '-R', summary: 'everything below, by path' },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'watch', kind: 'word', isOptional: true },
  ],
  async run(call) {
    const { words, out } = call;
    const [path, watch] = words.operands as [string, string | undefined];
    if (watch !== undefined)
      out.note("'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.");
    const leavesWatch = words.has('-w') || watch !== undefined;
    if (words.has('-R')) await listAll(call, path, leavesWatch);
    else await list(call, path, leavesWatch);
  },
};

async function list(call: Call, path: string, leavesWatch: boolean): Promise<void> {
  const { words, out } = call;
  const { names, stat } = await childrenOf(call, path, leavesWatch);
  const sorted = names.toSorted();
  out.json(words.has('-s') ? { children: sorted, stat: statJson(stat) } : sorted);
  out.line(`[${sorted.join(', ')}]`);
  if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
}

async function listAll(call: Call, root: string, leavesWatch: boolean): Promise<void> {
  const { client, connection, out, signal } = call;
  if (leavesWatch) await connection.watches.leave('data', root, () => client.once.get(root, { signal }));
  else await client.get(root, { signal });
  print(root);
  const visits = depthFirst(root, async (path) => (await childrenOf(call, path, leavesWatch)).names);
  for await (const paths of visits) {
    for (const path of paths) print(path);
    await out.drained();
  }

  function print(path: string): void {
    out.json(path);
    out.line(path);
  }
}

function childrenOf({ client, connection, signal }: Call, path: string, leavesWatch: boolean) {
  if (!leavesWatch) return client.children(path, { signal });
  return connection.watches.leave('children', path, () => client.once.children(path, { signal }));
}
