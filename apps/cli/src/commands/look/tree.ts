import type { Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import { nodeKindOf } from '../../node-kind.ts';
import { numberOf } from '../../numbers.ts';
import { subtree, type VisitedNode } from '../../subtree.ts';

export const tree: Command = {
  names: ['tree'],
  group: 'look',
  usage: '[-L depth] [path]',
  summary: 'a node and what is below it, drawn as a tree',
  flags: [{ name: '-L', value: 'depth', summary: 'no deeper than this' }],
  operands: [{ name: 'path', kind: 'path', isOptional: true }],
  async run({ client, words, out, signal }) {
    const [root = '/'] = words.operands;
    const depthMax = numberOf(words, '-L', 0, Number.MAX_SAFE_INTEGER);
    const bars: string[] = [];
    let nodes = 0;
    for await (const node of subtree(client, root, { signal, ...(depthMax !== undefined && { depthMax }) })) {
      out.line(`${branch(bars, node)}${nameOf(node)}${remarks(node, depthMax)}`);
      out.json({
        path: node.path,
        ...(node.stat !== undefined && {
          kind: nodeKindOf(node.stat),
          dataLength: node.stat.dataLength,
          numChildren: node.stat.numChildren,
        }),
      });
      if (++nodes % 1000 === 0) await out.drained();
    }
    out.line(`\n${counted(nodes, 'node')}`);
  },
};

/** @param bars what stands before the branches of each depth; this node's is put in */
function branch(bars: string[], { depth, isLast }: VisitedNode): string {
  if (depth === 0) return '';
  const before = bars.slice(0, depth - 1).join('');
  bars[depth - 1] = isLast ? '    ' : '│   ';
  return `${before}${isLast ? '└── ' : '├── '}`;
}

function nameOf({ path, depth }: VisitedNode): string {
  return depth === 0 ? path : path.slice(path.lastIndexOf('/') + 1);
}

function remarks({ stat, isClosed, depth }: VisitedNode, depthMax: number | undefined): string {
  const isEphemeral = stat !== undefined && nodeKindOf(stat) === 'ephemeral';
  const below = depth === depthMax ? (stat?.numChildren ?? 0) : 0;
  const all = [
    ...(isEphemeral ? ['ephemeral'] : []),
    ...(isClosed ? ['may not be read'] : []),
    ...(below > 0 ? [`${below} below`] : []),
  ];
  return all.length === 0 ? '' : ` (${all.join(', ')})`;
}
