import { NoNodeError } from '@corral/client';
import { parentPath } from '@corral/protocol';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import {
  childNames,
  ensureNode,
  folderOf,
  LIMITS,
  limitsPath,
  QUOTAS,
  QuotaValues,
  readQuota,
  usePath,
} from '../../quota-nodes.ts';

/** The flags, and which value each of them is of. */
const KEYS: Readonly<Record<string, string>> = {
  '-n': 'count',
  '-b': 'bytes',
  '-N': 'countHardLimit',
  '-B': 'byteHardLimit',
};

export const listquota: Command = {
  names: ['listquota'],
  group: 'zookeeper',
  usage: 'path',
  summary: 'limits of what lies below a node, and how much that is',
  flags: [],
  operands: [{ name: 'path', kind: 'path' }],
  async run({ client, connection, words, out, signal }) {
    const [path] = words.operands as [string];
    const server = connection.serverClient!;
    out.note(`absolute path is ${limitsPath(client, path)}`);
    try {
      const limits = await readQuota(server, limitsPath(client, path), signal);
      out.line(`Output quota for ${path} ${limits.toString()}`);
      const use = await readQuota(server, usePath(client, path), signal);
      out.line(`Output stat for ${path} ${use.toString()}`);
      out.json({ path, quota: limits.toString(), stat: use.toString() });
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
      throw new CommandError(ExitCode.noNode, `quota for ${path} does not exist.`, { cause: error });
    }
  },
};

export const setquota: Command = {
  names: ['setquota'],
  group: 'zookeeper',
  usage: '-n|-b|-N|-B val path',
  summary: 'a limit of what lies below a node',
  flags: [
    { name: '-n', value: 'val', summary: 'nodes; more are logged' },
    { name: '-b', value: 'val', summary: 'bytes; more are logged' },
    { name: '-N', value: 'val', summary: 'nodes; more are refused' },
    { name: '-B', value: 'val', summary: 'bytes; more are refused' },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { client, words, out } = call;
    const [path] = words.operands as [string];
    if (path === QUOTAS || path.startsWith(`${QUOTAS}/`))
      throw usage(`cannot set a quota under the path: ${QUOTAS}`);
    const wanted = wantedOf(words);
    if ((await client.exists(path, { signal: call.signal })) === null)
      throw new CommandError(ExitCode.noNode, `${path} does not exist.`);
    await refuseNested(call, path);
    if (isOnlyTold(call, `set a quota for ${path}`)) return;
    await write(call, path, wanted);
    out.json({ path });
  },
};

export const delquota: Command = {
  names: ['delquota'],
  group: 'zookeeper',
  usage: '[-n|-b|-N|-B] path',
  summary: 'takes a limit away, or all of them',
  flags: [
    { name: '-n', summary: 'that of nodes' },
    { name: '-b', summary: 'that of bytes' },
    { name: '-N', summary: 'the hard one of nodes' },
    { name: '-B', summary: 'the hard one of bytes' },
  ],
  operands: [{ name: 'path', kind: 'path' }],
  async run(call) {
    const { client, connection, words, out, signal } = call;
    const [path] = words.operands as [string];
    const server = connection.serverClient!;
    const node = limitsPath(client, path);
    const keys = Object.keys(KEYS).filter((flag) => words.has(flag));
    if (keys.length > 1) throw usage('one limit at a time: -n, -b, -N or -B');
    if ((await server.exists(node, { signal })) === null) {
      out.line(`Quota does not exist for ${path}`);
      return;
    }
    if (isOnlyTold(call, `take the quota of ${path} away`)) return;
    if (keys.length === 0) await removeAll(call, folderOf(client, path));
    else {
      const limits = await readQuota(server, node, signal);
      limits.set(KEYS[keys[0]!]!, -1n);
      await server.set(node, limits.toString(), { signal });
    }
    out.json({ path });
  },
};

interface Wanted {
  readonly key: string;
  readonly value: bigint;
}

function wantedOf(words: Call['words']): Wanted {
  const given = Object.keys(KEYS).filter((flag) => words.has(flag));
  if (given.length !== 1)
    throw usage(`setquota wants one of -n, -b, -N and -B\nusage: setquota ${setquota.usage}`);
  const [flag] = given as [string];
  const key = KEYS[flag]!;
  const text = words.value(flag)!;
  const max = key.startsWith('count') ? 0x7fff_ffffn : 0x7fff_ffff_ffff_ffffn;
  const value = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : max + 1n;
  if (value > max || value < -max) throw usage(`${flag} wants a whole number, not ${text}`);
  if (key.startsWith('count') && value <= 0n) throw usage('the num quota must be greater than zero');
  if (value < 0n) throw usage('the bytes quota must be greater than or equal to zero');
  return { key, value };
}

/** One quota in a line of ancestors: the nearest would count, and the others only seem to. */
async function refuseNested({ client, connection, signal }: Call, path: string): Promise<void> {
  const server = connection.serverClient!;
  const own = folderOf(client, path);
  for (let node = parentPath(own); node.length > QUOTAS.length; node = parentPath(node))
    if ((await childNames(server, node, signal)).includes(LIMITS))
      throw usage(`${path} has a parent ${node.slice(QUOTAS.length)} which has a quota`);
  for await (const { path: node } of server.walk(own, { signal })) {
    const parent = parentPath(node);
    if (node.endsWith(`/${LIMITS}`) && parent !== own)
      throw usage(`${path} has a child ${parent.slice(QUOTAS.length)} which has a quota`);
  }
}

async function write({ client, connection, out, signal }: Call, path: string, wanted: Wanted): Promise<void> {
  const server = connection.serverClient!;
  const folder = folderOf(client, path);
  const above: string[] = [];
  for (let node = folder; node.length > QUOTAS.length; node = parentPath(node)) above.unshift(node);
  for (const node of above) await ensureNode(server, node, null, signal);
  const node = limitsPath(client, path);
  const isNew = (await server.exists(node, { signal })) === null;
  const limits = isNew
    ? new QuotaValues('count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=-1')
    : await readQuota(server, node, signal);
  limits.set(wanted.key, wanted.value);
  if (isNew) {
    await server.create(node, limits.toString(), { signal });
    await ensureNode(server, usePath(client, path), 'count=0,bytes=0', signal);
  }
  warn(limits, await readQuota(server, usePath(client, path), signal), out);
  if (!isNew) await server.set(node, limits.toString(), { signal });
}

function warn(limits: QuotaValues, use: QuotaValues, out: Call['out']): void {
  const isLess = (soft: string, hard: string): boolean =>
    [limits.get(soft), limits.get(hard)].some((limit) => limit > -1n && limit < use.get(soft));
  if (isLess('count', 'countHardLimit'))
    out.line(`[Warning]: the count quota you create is less than the existing count:${use.get('count')}`);
  if (isLess('bytes', 'byteHardLimit'))
    out.line(`[Warning]: the bytes quota you create is less than the existing bytes:${use.get('bytes')}`);
}

/** The nodes of the quota, and those above that hold nothing else. */
async function removeAll({ connection, signal }: Call, folder: string): Promise<void> {
  const server = connection.serverClient!;
  for (const name of await childNames(server, folder, signal))
    await server.delete(`${folder}/${name}`, { signal });
  for (let node = folder; node.length > QUOTAS.length; node = parentPath(node)) {
    if ((await childNames(server, node, signal)).length > 0) return;
    await server.delete(node, { signal });
  }
}

function usage(message: string): CommandError {
  return new CommandError(ExitCode.usage, message);
}
