import { NoNodeError } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { counted } from '../../counted.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { mapAhead } from '../../map-ahead.ts';
import { leavesFirst, subtree, type VisitedNode } from '../../subtree.ts';

/** Deletes under way at once. */
const AHEAD_MAX = 200;

export const rm: Command = {
  names: ['rm'],
  group: 'change',
  usage: '[-r] [-f] [-y] path ...',
  summary: 'ends nodes; deleteall does so in transactions',
  example: 'rm -r /app-before',
  flags: [
    { name: '-r', summary: 'with everything below' },
    { name: '-f', summary: 'a node that is not there is no error' },
    { name: '-y', summary: 'with -r: nobody is asked' },
  ],
  operands: [{ name: 'path', kind: 'path', isRest: true }],
  async run(call) {
    const { words, out, settings } = call;
    if (words.operands.includes('/'))
      throw new CommandError(ExitCode.usage, 'rm / is refused: name the nodes below it');
    for (const path of words.operands) {
      if (words.has('-r')) await confirm(call, path);
      const deleted = await unlessMissing(call, () => (words.has('-r') ? all(call, path) : one(call, path)));
      out.json({ path, deleted });
      if (!settings.isDryRun) out.note(`Deleted ${counted(deleted, 'node')}`);
    }
  },
};

/** Whoever sits there types the path once more. */
async function confirm(call: Call, path: string): Promise<void> {
  const { words, settings } = call;
  if (!settings.isInteractive || settings.isDryRun || words.has('-y')) return;
  const answer = await call.ask(`Delete ${path} and everything below it? Type the path again: `);
  if (answer.trim() !== path) throw new CommandError(ExitCode.interrupted, 'nothing was deleted');
}

async function unlessMissing({ words }: Call, action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (words.has('-f') && error instanceof NoNodeError) return 0;
    throw error;
  }
}

async function one({ client, out, settings, signal }: Call, path: string): Promise<number> {
  if (settings.isDryRun) out.line(`would delete ${path}`);
  else await client.delete(path, { signal });
  return 1;
}

/** Children before their parents. A node that somebody makes meanwhile ends it: its parent is not empty. */
async function all({ client, out, settings, signal }: Call, root: string): Promise<number> {
  let deleted = 0;
  const deletes = mapAhead(
    leavesFirst(subtree(client, root, { signal })),
    AHEAD_MAX,
    async ({ path }: VisitedNode) => {
      if (settings.isDryRun) out.line(`would delete ${path}`);
      else await client.delete(path, { ifExists: true, signal });
    },
  );
  for await (const _ of deletes) {
    if (++deleted % 1000 !== 0) continue;
    await out.drained();
    out.progress(counted(deleted, 'node'));
  }
  out.progress('');
  return deleted;
}
