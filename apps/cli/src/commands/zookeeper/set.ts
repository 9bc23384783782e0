import type { Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { versionOf } from '../../numbers.ts';
import { statJson, statLines } from '../../stat-text.ts';

export const set: Command = {
  names: ['set'],
  group: 'zookeeper',
  usage: 'path data [-s] [-v version] [-b]',
  summary: 'other data for a node',
  flags: [
    { name: '-s', summary: 'the Stat that it has then' },
    { name: '-v', value: 'version', summary: 'only where its data has this version' },
    { name: '-b', summary: 'the data is in base64' },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'data', kind: 'data' },
  ],
  async run({ client, words, out, settings, signal }) {
    const [path, text] = words.operands as [string, string];
    const data = words.has('-b') ? fromBase64(text) : text;
    const version = versionOf(words);
    if (isOnlyTold({ settings, out }, `set ${path}`)) return;
    const stat = await client.set(path, data, { version, signal });
    out.json({ path, stat: statJson(stat) });
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};

/** @throws CommandError where it is none */
export function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  // Node leaves out what is none.
  if (bytes.toString('base64').replaceAll('=', '') === text.replaceAll('=', '')) return bytes;
  throw new CommandError(ExitCode.usage, `no base64: ${text}`);
}
