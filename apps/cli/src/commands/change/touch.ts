import { BadVersionError, NodeExistsError, NoNodeError } from '@corral/client';
import type { Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { bytesOrNull } from '../../node-data.ts';
import { statJson } from '../../stat-text.ts';

export const touch: Command = {
  names: ['touch'],
  group: 'change',
  usage: '[-p] path',
  summary: 'a new version of a node, with the same data; makes a node that is not there',
  example: 'touch /config/reload',
  flags: [{ name: '-p', summary: 'makes those above it, too' }],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { client, words, out, signal } = call;
    const [path] = words.operands as [string];
    for (;;) {
      const got = await client.tryGet(path, bytesOrNull, { signal });
      if (isOnlyTold(call, got === null ? `create ${path}` : `set ${path}`)) return;
      try {
        const stat =
          got === null
            ? (await client.create(path, null, { parents: words.has('-p'), signal })).stat
            : await client.set(path, got.data, { version: got.stat.version, signal });
        out.json({ path, stat: statJson(stat) });
        if (got === null) out.note(`Created ${path}`);
        return;
      } catch (error) {
        if (!isOvertaken(error, got === null)) throw error;
      }
    }
  },
};

/** Somebody was faster: it is there, or gone, or another. */
function isOvertaken(error: unknown, wasMissing: boolean): boolean {
  if (wasMissing) return error instanceof NodeExistsError;
  return error instanceof BadVersionError || error instanceof NoNodeError;
}
