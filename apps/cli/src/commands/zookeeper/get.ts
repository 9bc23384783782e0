import type { Command } from '../../command.ts';
import { bytesOrNull, dataJson, hexDump } from '../../node-data.ts';
import { statJson, statLines } from '../../stat-text.ts';

export const get: Command = {
  names: ['get'],
  group: 'zookeeper',
  usage: '[-s] [-w] [-b] [-x] path',
  summary: 'the data of a node',
  flags: [
    { name: '-s', summary: 'the Stat, too' },
    { name: '-w', summary: 'leave a watch' },
    { name: '-b', summary: 'in base64' },
    { name: '-x', summary: 'in hexadecimal' },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'watch', kind: 'word', isOptional: true },
  ],
  async run({ client, connection, words, out, signal }) {
    const [path, watch] = words.operands as [string, string | undefined];
    if (watch !== undefined)
      out.note("'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead.");
    const { data, stat } =
      words.has('-w') || watch !== undefined
        ? await connection.watches.leave('data', path, () => client.once.get(path, bytesOrNull, { signal }))
        : await client.get(path, bytesOrNull, { signal });
    out.json({ path, ...dataJson(data), stat: statJson(stat) });
    const shown = data ?? new TextEncoder().encode('null');
    if (words.has('-x')) out.line(hexDump(shown).join('\n'));
    else if (words.has('-b')) out.line(Buffer.from(shown).toString('base64'));
    else {
      out.raw(shown);
      out.line('');
    }
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};
