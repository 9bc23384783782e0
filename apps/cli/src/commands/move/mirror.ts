import type { Client } from '@corral/client';
import type { Call, Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { otherSide, toFlag } from '../../other-side.ts';
import { Mirror, summaryOf } from './mirror-subtree.ts';

export const mirror: Command = {
  names: ['mirror'],
  group: 'move',
  usage: '[--once] [--delete] [--to host:port/path] from [to]',
  summary:
    'a copy of a node and all below it, kept up until Ctrl-C with what happens there, whatever becomes of connections and sessions; ephemeral nodes are left out, and a change of an ACL is noticed with the next look at everything',
  example: 'mirror --delete --to other:2181 /config',
  flags: [
    { name: '--once', summary: 'makes the two alike, and ends' },
    { name: '--delete', summary: 'ends what is in the copy and not in the original' },
    toFlag,
  ],
  operands: [
    { name: 'from', kind: 'path' },
    { name: 'to', kind: 'path', isOptional: true },
  ],
  async run(call) {
    const { words, connection, settings, signal } = call;
    const [from, to] = words.operands as [string, string?];
    await using target = await otherSide(call, to, from);
    if (target.isHere && isWithin(from, target.path))
      throw new CommandError(ExitCode.usage, `${target.path} and ${from} lie within each other`);
    if (words.has('--once') || settings.isDryRun)
      return await once(call, call.client, target.client, target.path);
    // Sessions of its own: where one expires, another goes on.
    await using source = connection.open(connection.hosts);
    const copy = target.isHere ? source : target.client;
    await source.connected({ signal });
    await new Mirror(call, { source, from, target: copy, to: target.path }).keepUp();
  },
};

async function once(call: Call, source: Client, target: Client, to: string): Promise<void> {
  const { words, out, settings } = call;
  const from = words.operands[0]!;
  const counts = await new Mirror(call, { source, from, target, to }).makeAlike();
  out.json({ from, to, ...counts });
  if (!settings.isDryRun) out.note(summaryOf(counts));
}

function isWithin(a: string, b: string): boolean {
  return a === b || a.startsWith(withSlash(b)) || b.startsWith(withSlash(a));
}

function withSlash(path: string): string {
  return path === '/' ? '/' : `${path}/`;
}
