import { NoNodeError } from '@corral/client';
import { joinPath } from '@corral/protocol';
import type { Command } from '../../command.ts';
import { mapAhead } from '../../map-ahead.ts';

/** Requests under way at once. */
const AHEAD_MAX = 200;

export const count: Command = {
  names: ['count'],
  group: 'look',
  usage: '[path]',
  summary: 'how many nodes there are below a node, and below each of its children, most first',
  flags: [],
  operands: [{ name: 'path', kind: 'path', isOptional: true }],
  example: 'count /app',
  async run({ client, words, out, signal }) {
    const [root = '/'] = words.operands;
    const { names } = await client.children(root, { signal });
    const below: { path: string; nodes: number }[] = [];
    let total = 0;
    const counts = mapAhead(names, AHEAD_MAX, async (name) => {
      const path = joinPath(root, name);
      try {
        return { path, nodes: await client.childCount(path, { signal }) };
      } catch (error) {
        // It has gone meanwhile.
        if (error instanceof NoNodeError) return undefined;
        throw error;
      }
    });
    for await (const one of counts) {
      if (one === undefined) continue;
      below.push(one);
      total += 1 + one.nodes;
    }
    below.sort((a, b) => b.nodes - a.nodes || (a.path < b.path ? -1 : 1));
    for (const one of [{ path: root, nodes: total }, ...below]) {
      out.line(`${one.nodes}\t${one.path}`);
      out.json(one);
    }
  },
};
