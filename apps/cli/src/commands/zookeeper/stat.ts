import { NoNodeError } from '@corral/client';
import { ErrorCode } from '@corral/protocol';
import type { Command } from '../../command.ts';
import { statJson, statLines } from '../../stat-text.ts';

export const stat: Command = {
  names: ['stat'],
  group: 'zookeeper',
  usage: '[-w] path',
  summary: 'what the server tells of a node',
  flags: [{ name: '-w', summary: 'leave a watch, of a node that is not there too' }],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'watch', kind: 'word', isOptional: true },
  ],
  async run({ client, connection, words, out, signal }) {
    const [path, watch] = words.operands as [string, string | undefined];
    if (watch !== undefined)
      out.note("'stat path [watch]' has been deprecated. Please use 'stat [-w] path' instead.");
    const seen =
      words.has('-w') || watch !== undefined
        ? await connection.watches.leave('data', path, () => client.once.exists(path, { signal }))
        : await client.exists(path, { signal });
    if (seen === null) throw new NoNodeError(ErrorCode.NONODE, 'exists', path);
    out.json({ path, stat: statJson(seen) });
    for (const line of statLines(seen)) out.line(line);
  },
};
