import { acl, type CreateOptions, EphemeralOnLocalSessionError } from '@corral/client';
import { TTL_MAX_MS } from '@corral/protocol';
import { parseAcl } from '../../acl-text.ts';
import type { Call, Command } from '../../command.ts';
import { isOnlyTold } from '../../dry-run.ts';
import { CommandError, ExitCode } from '../../exit-code.ts';
import { statJson } from '../../stat-text.ts';

export const create: Command = {
  names: ['create'],
  group: 'zookeeper',
  usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  summary: 'a new node',
  flags: [
    { name: '-s', summary: 'sequential: the server appends a number' },
    { name: '-e', summary: 'ephemeral: it ends with the session' },
    { name: '-c', summary: 'container: it ends some time after its last child' },
    { name: '-t', value: 'ttl', summary: 'milliseconds after which it ends, where nothing changes' },
  ],
  operands: [
    { name: 'path', kind: 'path' },
    { name: 'data', kind: 'data', isOptional: true },
    { name: 'acl', kind: 'acl', isOptional: true },
  ],
  async run({ client, words, out, settings, signal }) {
    const [path, data, aclText] = words.operands as [string, string | undefined, string | undefined];
    const options: CreateOptions = {
      ...createKindOf(words),
      acl: aclText === undefined ? acl.open : parseAcl(aclText),
      signal,
    };
    if (isOnlyTold({ settings, out }, `create ${path}`)) return;
    try {
      const made = await client.create(path, data ?? null, options);
      out.json({ path: made.path, stat: statJson(made.stat) });
      out.note(`Created ${made.path}`);
    } catch (error) {
      if (!(error instanceof EphemeralOnLocalSessionError)) throw error;
      const message = 'Unable to create ephemeral node on a local session';
      throw new CommandError(ExitCode.refused, message, { cause: error });
    }
  },
};

/** @throws CommandError for what cannot be together */
export function createKindOf(words: Call['words']): Pick<CreateOptions, 'mode' | 'sequential' | 'ttl'> {
  const ttl = words.value('-t');
  const isEphemeral = words.has('-e');
  const isContainer = words.has('-c');
  const sequential = words.has('-s');
  if (isContainer && (isEphemeral || sequential))
    throw usage('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  if (ttl !== undefined && isEphemeral) throw usage('TTLs cannot be used with Ephemeral znodes');
  if (ttl !== undefined && isContainer) throw usage('TTLs cannot be used with Container znodes');
  return {
    mode: isEphemeral ? 'ephemeral' : isContainer ? 'container' : 'persistent',
    sequential,
    ...(ttl === undefined ? {} : { ttl: ttlOf(ttl) }),
  };
}

function ttlOf(text: string): number {
  const ttl = /^-?\d{1,16}$/.test(text) ? Number(text) : undefined;
  if (ttl === undefined) throw usage('-t argument must be a long value');
  if (ttl > 0 && ttl <= TTL_MAX_MS) return ttl;
  throw usage(`ttl must be positive and cannot be larger than: ${TTL_MAX_MS}`);
}

function usage(message: string): CommandError {
  return new CommandError(ExitCode.usage, message);
}
