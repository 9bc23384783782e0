import type { Command } from '../../command.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';

export const sync: Command = {
  names: ['sync'],
  group: 'zookeeper',
  usage: 'path',
  summary: 'what was written elsewhere before is seen here afterwards',
  flags: [],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, words, out, signal }) {
    const [path] = words.operands as [string];
    await client.sync(path, { signal });
    out.json({ path });
    out.line('Sync is OK');
  },
};

export const getAllChildrenNumber: Command = {
  names: ['getAllChildrenNumber'],
  group: 'zookeeper',
  usage: 'path',
  summary: 'how many nodes there are below',
  flags: [],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, words, out, signal }) {
    const [path] = words.operands as [string];
    const count = await client.childCount(path, { signal });
    out.json(count);
    out.line(String(count));
  },
};

export const getEphemerals: Command = {
  names: ['getEphemerals'],
  group: 'zookeeper',
  usage: 'path',
  summary: 'the ephemeral nodes of this session',
  flags: [],
  operands: [{ name: 'path', kind: 'path', isOptional: true }],
  async run({ client, words, out, signal }) {
    const paths = await client.ephemerals(words.operands[0], { signal });
    out.json(paths);
    out.line(`[${paths.join(', ')}]`);
  },
};

export const whoami: Command = {
  names: ['whoami'],
  group: 'zookeeper',
  usage: '',
  summary: 'as whom the server knows this session',
  flags: [],
  operands: [],
  async run({ client, out, signal }) {
    const identities = await client.whoAmI({ signal });
    out.json(identities);
    out.line('Auth scheme: User');
    for (const { scheme, id } of identities) out.line(`${scheme}: ${id}`);
  },
};

export const addauth: Command = {
  names: ['addauth'],
  group: 'zookeeper',
  usage: 'scheme auth',
  summary: 'one more identity: addauth digest user:password',
  flags: [],
  operands: [
    { name: 'scheme', kind: 'word' },
    { name: 'auth', kind: 'word', isOptional: true },
  ],
  async run({ client, words, signal }) {
    const [scheme, auth] = words.operands as [string, string | undefined];
    // Refused by the server, and the session with it.
    if (scheme === 'digest' && auth === undefined)
      throw new CommandError(ExitCode.usage, 'digest wants user:password');
    await client.addAuth(scheme, auth ?? '', { signal });
  },
};

export const version: Command = {
  names: ['version'],
  group: 'zookeeper',
  usage: '',
  summary: 'of this program',
  flags: [],
  operands: [],
  needsSession: false,
  async run({ out }) {
    const { cliVersionLine } = await import('../../version.ts');
    out.json(cliVersionLine);
    out.line(cliVersionLine);
  },
};
