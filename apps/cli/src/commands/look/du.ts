import type { Command } from '../../command.ts';
import { numberOf } from '../../numbers.ts';
import { leavesFirst, subtree } from '../../subtree.ts';

export const du: Command = {
  names: ['du'],
  group: 'look',
  usage: '[-L depth] [path]',
  summary: 'bytes of data and nodes of a node and its children, each with all below it',
  flags: [{ name: '-L', value: 'depth', summary: 'tell of nodes down to this depth; default 1' }],
  operands: [{ name: 'path', kind: 'path', isOptional: true }],
  async run({ client, words, out, signal }) {
    const [root = '/'] = words.operands;
    const toldMax = numberOf(words, '-L', 0, Number.MAX_SAFE_INTEGER) ?? 1;
    // What is below the nodes that are under way, by depth.
    const bytesBelow: number[] = [];
    const nodesBelow: number[] = [];
    let visited = 0;
    for await (const { path, depth, stat, isClosed } of leavesFirst(subtree(client, root, { signal }))) {
      if (isClosed) out.note(`${path} may not be read: what it holds is not counted`);
      const bytes = (stat?.dataLength ?? 0) + (bytesBelow[depth + 1] ?? 0);
      const nodes = 1 + (nodesBelow[depth + 1] ?? 0);
      bytesBelow[depth + 1] = 0;
      nodesBelow[depth + 1] = 0;
      bytesBelow[depth] = (bytesBelow[depth] ?? 0) + bytes;
      nodesBelow[depth] = (nodesBelow[depth] ?? 0) + nodes;
      if (depth <= toldMax) {
        out.line(`${bytes}\t${nodes}\t${path}`);
        out.json({ path, bytes, nodes });
      }
      if (++visited % 1000 !== 0) continue;
      await out.drained();
      out.progress(`${visited} nodes`);
    }
    out.progress('');
  },
};
