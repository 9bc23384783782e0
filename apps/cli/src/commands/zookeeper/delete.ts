import type { Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { versionOf, wholeNumber } from '../../numbers.ts';

export const deleteNode: Command = {
  names: ['delete'],
  group: 'zookeeper',
  usage: '[-v version] path',
  summary: 'ends a node that has no children',
  flags: [{ name: '-v', value: 'version', summary: 'only where its data has this version' }],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'version', kind: 'word', isOptional: true },
  ],
  async run({ client, words, out, settings, signal }) {
    const [path, old] = words.operands as [string, string | undefined];
    if (old !== undefined)
      out.note("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
    // Apache's prints that, and deletes whatever version there is.
    const version =
      old === undefined ? versionOf(words) : wholeNumber('version', old, -0x8000_0000, 0x7fff_ffff);
    if (isOnlyTold({ settings, out }, `delete ${path}`)) return;
    await client.delete(path, { version, signal });
    out.json({ path });
  },
};
