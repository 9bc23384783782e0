import type { Command } from '../command.ts';

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
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, words, out, signal }) {
    const [path] = words.operands as [string];
    const { names } = await client.children(path, { signal });
    const sorted = names.toSorted();
    out.json(sorted);
    out.line(`[${sorted.join(', ')}]`);
  },
};
