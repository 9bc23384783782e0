import { counterOf, epochOf, formatHostAndPort, type QuorumServer, zxidToHex } from '@corral/protocol';
import type { ServerView } from '@corral/server';
import type { AdminCommand } from './command.ts';
import { array, JsonEntries, type JsonObject, type JsonValue } from './jackson.ts';

/** What a member knows of its ensemble. */
export const membershipCommands: readonly AdminCommand[] = [
  { names: ['leader', 'lead'], answer: ({ view }) => ({ entries: leader(view) }) },
  { names: ['observers', 'obsr'], answer: ({ view }) => ({ entries: observers(view) }) },
  {
    names: ['voting_view'],
    answer: ({ view }) => ({ entries: { current_config: new JsonEntries(voters(view)) } }),
  },
  { names: ['zabstate'], isAlwaysThere: true, answer: ({ view }) => ({ entries: zabState(view) }) },
];

function leader({ ensemble, mode, config }: ServerView): JsonObject {
  if (ensemble === undefined) return { error: 'server is not initialized' };
  const id = mode === 'leader' ? config.serverId : (ensemble.masterId ?? -1);
  return {
    is_leader: mode === 'leader',
    leader_id: id,
    leader_ip: ensemble.quorum.servers.get(id)?.addresses[0]?.host ?? '',
  };
}

function observers({ ensemble }: ServerView): JsonObject {
  return { synced_observers: ensemble?.learners().observers ?? 0, observers: array([]) };
}

function* voters({ ensemble }: ServerView): Iterable<readonly [string, JsonValue]> {
  if (ensemble === undefined) return;
  const { quorum } = ensemble;
  for (const [sid, server] of quorum.servers) if (quorum.voters.has(sid)) yield [String(sid), voter(server)];
}

function voter(server: QuorumServer): JsonObject {
  return {
    server_addresses: array(server.addresses.map(({ host, port }) => formatHostAndPort({ host, port }))),
    election_addresses: array(
      server.addresses.map(({ host, electionPort: port }) => formatHostAndPort({ host, port })),
    ),
    client_address: server.client === undefined ? '' : formatHostAndPort(server.client),
    learner_type: 'participant',
  };
}

function zabState(view: ServerView): JsonObject {
  if (!view.isServing) return { voting: false, zabstate: 'election' };
  const { ensemble, config, mode, lastProcessedZxid: zxid } = view;
  if (ensemble === undefined) return { voting: false, zabstate: '' };
  return {
    myid: config.serverId,
    is_leader: mode === 'leader',
    voting: ensemble.quorum.voters.has(config.serverId),
    last_zxid: `0x${zxidToHex(zxid)}`,
    zab_epoch: epochOf(zxid),
    zab_counter: counterOf(zxid),
    zabstate: 'broadcast',
  };
}
