import { readFile } from 'node:fs/promises';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { bytesOrNull } from '../../node-data.ts';
import { wholeNumber } from '../../numbers.ts';
import { statJson, statLines } from '../../stat-text.ts';

const CONFIG = '/zookeeper/config';

export const config: Command = {
  names: ['config'],
  group: 'zookeeper',
  usage: '[-c] [-w] [-s]',
  summary: 'the members of the ensemble',
  flags: [
    { name: '-c', summary: 'the version, and where clients connect' },
    { name: '-w', summary: 'leave a watch' },
    { name: '-s', summary: 'the Stat, too' },
  ],
  operands: [],
  async run({ connection, words, out, signal }) {
    const client = connection.serverClient!;
    const { data, stat } = words.has('-w')
      ? await connection.watches.leave('data', CONFIG, () => client.once.get(CONFIG, bytesOrNull, { signal }))
      : await client.get(CONFIG, bytesOrNull, { signal });
    const text = data === null ? 'null' : new TextDecoder().decode(data);
    const clients = await clientsOf(text);
    out.json({ text, clients, stat: statJson(stat) });
    out.line(words.has('-c') ? clients : text);
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};

export const reconfig: Command = {
  names: ['reconfig'],
  group: 'zookeeper',
  usage:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  summary: 'other members of the ensemble',
  flags: [
    { name: '-s', summary: 'the Stat of the configuration' },
    {
      name: '-v',
      value: 'version',
      summary: 'only where the configuration has this version, in hexadecimal',
    },
    { name: '-file', value: 'path', summary: 'all members, from a file' },
    { name: '-members', value: 'members', summary: 'all members' },
    { name: '-add', value: 'servers', summary: 'servers that come', isRepeated: true },
    { name: '-remove', value: 'ids', summary: 'servers that go', isRepeated: true },
  ],
  operands: [],
  async run(call) {
    const { connection, words, out, signal } = call;
    const change = await changeOf(words);
    if (isOnlyTold(call, `reconfigure: ${JSON.stringify(change)}`)) return;
    const { text } = await connection.serverClient!.ensemble.reconfig({
      ...change,
      ...fromOf(words),
      signal,
    });
    out.line(`Committed new configuration:\n${text}`);
    // The reply's own Stat is not told by the client.
    const { stat } = await connection.serverClient!.get(CONFIG, { signal });
    out.json({ text, stat: statJson(stat) });
    if (words.has('-s')) for (const line of statLines(stat)) out.line(line);
  },
};

interface Change {
  readonly join?: readonly string[];
  readonly leave?: readonly number[];
  readonly members?: readonly string[];
}

async function changeOf(words: Call['words']): Promise<Change> {
  const file = words.value('-file');
  const members = words.value('-members');
  const join = listOf(words.values('-add'));
  const leave = listOf(words.values('-remove'));
  const isIncremental = join.length > 0 || leave.length > 0;
  if (file === undefined && members === undefined && !isIncremental)
    throw usage('reconfig wants -file, -members, -add or -remove');
  if ((file !== undefined || members !== undefined) && isIncremental)
    throw usage(
      "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes is not allowed)",
    );
  if (file !== undefined && members !== undefined)
    throw usage("Can't use -file and -members together (conflicting non-incremental modes)");
  if (file !== undefined) return { members: await membersIn(file) };
  if (members !== undefined) return { members: listOf([members]) };
  return {
    ...(join.length === 0 ? {} : { join }),
    ...(leave.length === 0
      ? {}
      : { leave: leave.map((id) => wholeNumber('-remove', id, 0, Number.MAX_SAFE_INTEGER)) }),
  };
}

async function membersIn(file: string): Promise<readonly string[]> {
  const { parseProperties } = await import('@corral/protocol');
  try {
    const members = parseProperties(await readFile(file, 'latin1'))
      .filter(({ key }) => /^(server|group|weight)\./.test(key))
      .map(({ key, value }) => `${key}=${value}`);
    if (members.length > 0) return members;
  } catch (cause) {
    throw new CommandError(ExitCode.usage, `Error processing ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw usage(`Error processing ${file}: no server in it`);
}

function fromOf(words: Call['words']): { from?: bigint } {
  const version = words.value('-v');
  if (version === undefined) return {};
  if (!/^[0-9a-fA-F]{1,16}$/.test(version))
    throw usage('-v must be followed by a long (configuration version)');
  return { from: BigInt(`0x${version}`) };
}

function listOf(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => value.split(',')).filter((item) => item !== '');
}

/** ConfigUtils.getClientConfigStr: `100000000 host:port,host:port`. */
async function clientsOf(text: string): Promise<string> {
  const { formatHostAndPort, parseProperties, QuorumServer } = await import('@corral/protocol');
  let version = '';
  const clients: string[] = [];
  for (const { key, value } of parseProperties(text)) {
    if (key === 'version') version = value;
    if (!key.startsWith('server.')) continue;
    const { client } = QuorumServer.parse(-1, value.trim(), true);
    if (client !== undefined) clients.push(formatHostAndPort(client));
  }
  return `${version} ${clients.join(',')}`;
}

function usage(message: string): CommandError {
  return new CommandError(ExitCode.usage, message);
}
