import type { ServerView } from '@corral/server';
import type { AdminCommand, CommandAnswer } from './command.ts';
import { array, JsonEntries, type JsonObject, type JsonValue } from './jackson.ts';

/** What the server is and has. */
export const stateCommands: readonly AdminCommand[] = [
  { names: ['configuration', 'conf', 'config'], answer: ({ view }) => ({ entries: configuration(view) }) },
  { names: ['dirs'], answer: directories },
  { names: ['dump'], answer: ({ view }) => ({ entries: dump(view) }) },
  {
    names: ['environment', 'env', 'envi'],
    isAlwaysThere: true,
    answer: ({ view }) => ({
      entries: { 'zookeeper.version': view.version, ...Object.fromEntries(view.environment()) },
    }),
  },
  // Apache's default trace mask: there is nothing to trace by a mask here.
  { names: ['get_trace_mask', 'gtmk'], answer: () => ({ entries: { tracemask: TRACE_MASK } }) },
  { names: ['hash'], answer: ({ view }) => ({ entries: { digests: array(digests(view)) } }) },
  {
    names: ['initial_configuration', 'icfg'],
    isAlwaysThere: true,
    answer: ({ environment }) => ({ entries: { initial_configuration: environment.initialConfig } }),
  },
  {
    names: ['is_read_only', 'isro'],
    answer: ({ view }) => ({ entries: { read_only: view.mode === 'read-only' } }),
  },
  { names: ['ruok'], answer: () => ({}) },
  {
    names: ['set_trace_mask', 'stmk'],
    answer: ({ parameters }) => ({ entries: traceMask(parameters.get('traceMask')) }),
  },
  {
    names: ['system_properties', 'sysp'],
    isAlwaysThere: true,
    answer: ({ environment }) => ({ entries: environment.systemProperties() }),
  },
  {
    names: ['watch_summary', 'wchs'],
    answer: ({ view: { watches } }) => ({
      entries: {
        num_connections: watches.connectionCount,
        num_paths: watches.pathCount,
        num_total_watches: watches.watchCount,
      },
    }),
  },
  {
    names: ['watches', 'wchc'],
    answer: ({ view }) => ({
      entries: { session_id_to_watched_paths: lists(view.watches.bySession()) },
    }),
  },
  {
    names: ['watches_by_path', 'wchp'],
    answer: ({ view }) => ({ entries: { path_to_session_ids: lists(view.watches.byPath()) } }),
  },
];

function configuration(view: ServerView): JsonObject {
  const { config, ensemble } = view;
  const own = ensemble?.quorum.servers.get(config.serverId);
  return {
    client_port: view.clientPort,
    data_dir: config.dataDir,
    data_log_dir: config.dataLogDir,
    tick_time: config.tickTime,
    max_client_cnxns: config.maxClientCnxns,
    min_session_timeout: view.minSessionTimeout,
    max_session_timeout: view.maxSessionTimeout,
    server_id: config.serverId,
    client_port_listen_backlog: config.clientPortListenBacklog,
    ...(ensemble !== undefined && {
      init_limit: config.ensemble!.initLimit,
      sync_limit: config.ensemble!.syncLimit,
      election_alg: ELECTION_ALG,
      election_port: own?.addresses[0]?.electionPort ?? -1,
      quorum_port: own?.addresses[0]?.port ?? -1,
      peer_type: ensemble.quorum.observers.has(config.serverId) ? 1 : 0,
    }),
  };
}

async function directories({ view }: { readonly view: ServerView }): Promise<CommandAnswer> {
  const { snapshotBytes, logBytes } = await view.sizes();
  return { entries: { datadir_size: snapshotBytes, logdir_size: logBytes } };
}

function dump(view: ServerView): JsonObject {
  return {
    expiry_time_to_session_ids: lists(expiries(view)),
    session_id_to_ephemeral_paths: lists(view.ephemerals()),
  };
}

function* expiries(view: ServerView): Iterable<readonly [number, Iterable<bigint>]> {
  for (const expiry of view.sessionExpiries()) yield [expiry.expiresAt, expiry.members()];
}

function* digests(view: ServerView): Iterable<JsonObject> {
  for (const { zxid, digest } of view.digests()) yield { zxid, digest, digest_version: DIGEST_VERSION };
}

/** An object of arrays. */
function lists(
  entries: Iterable<readonly [bigint | number | string, Iterable<string | bigint>]>,
): JsonEntries {
  return new JsonEntries(listEntries(entries));
}

function* listEntries(
  entries: Iterable<readonly [bigint | number | string, Iterable<string | bigint>]>,
): Iterable<readonly [string, JsonValue]> {
  for (const [key, items] of entries) yield [String(key), array(items)];
}

function traceMask(text: string | null): JsonObject {
  if (text === null) return { error: 'setTraceMask requires long traceMask argument' };
  if (!/^[+-]?\d+$/.test(text))
    return { error: `setTraceMask requires long traceMask argument, got ${text}` };
  return { tracemask: BigInt(text) };
}

const TRACE_MASK = 306;
const DIGEST_VERSION = 2;
const ELECTION_ALG = 3;
