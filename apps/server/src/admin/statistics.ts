import type { ConnectionView, ServerView, TopEntry } from '@corral/server';
import { monitorFigures } from '@corral/server';
import type { AdminCommand, CommandAnswer } from './command.ts';
import { array, JavaNumber, type JsonObject, type JsonValue } from './jackson.ts';

/** Figures, and what begins them anew. */
export const statisticsCommands: readonly AdminCommand[] = [
  {
    names: ['connection_stat_reset', 'crst'],
    answer: ({ view }) => {
      view.resetConnectionStatistics();
      return {};
    },
  },
  {
    names: ['connections', 'cons'],
    answer: ({ view }) => ({ entries: connections(view, whole) }),
  },
  {
    names: ['monitor', 'mntr'],
    answer: ({ view }) => ({ entries: Object.fromEntries(figures(view)) }),
  },
  {
    names: ['observer_connection_stat_reset', 'orst'],
    answer: () => ({}),
  },
  {
    names: ['server_stats', 'srvr'],
    answer: async ({ view }) => ({ entries: await serverStats(view) }),
  },
  {
    names: ['stats', 'stat'],
    answer: async ({ view }): Promise<CommandAnswer> => ({
      entries: { ...(await serverStats(view)), ...connections(view, brief) },
    }),
  },
  {
    names: ['top'],
    answer: ({ view, parameters }) => ({ entries: top(view, parameters.get('count')) }),
  },
  {
    names: ['stat_reset', 'srst'],
    answer: ({ view }) => {
      view.resetStatistics();
      return {};
    },
  },
];

function* figures(view: ServerView): Iterable<readonly [string, JsonValue]> {
  for (const { name, text, isNumber } of monitorFigures(view))
    yield [name, isNumber ? new JavaNumber(text) : text];
}

/** Ours: who sends most requests of late, what they ask for, and where. */
function top(view: ServerView, wanted: string | null): JsonObject {
  const count = Math.min(Math.max(Math.trunc(Number(wanted ?? TOP_DEFAULT)) || TOP_DEFAULT, 1), TOP_MAX);
  const { sinceMs, sampledOneOf, requestCount, clients, paths, operations } = view.top(count);
  return {
    window_ms: Math.round(sinceMs),
    sampled_one_of: sampledOneOf,
    requests: requestCount,
    clients: array(mapped(clients, (entry) => topEntry('client', entry))),
    paths: array(mapped(paths, (entry) => topEntry('path', entry))),
    operations: array(mapped(operations, (entry) => topEntry('operation', entry))),
  };
}

function topEntry(what: string, { key, count, bytes, overcount }: TopEntry): JsonObject {
  return { [what]: key, requests: count, request_bytes: bytes, overcount };
}

function connections(view: ServerView, show: (connection: ConnectionView) => JsonObject): JsonObject {
  return { connections: array(mapped(view.connections(), show)), secure_connections: array([]) };
}

function* mapped<T, R>(items: Iterable<T>, show: (item: T) => R): Iterable<R> {
  for (const item of items) yield show(item);
}

function brief(connection: ConnectionView): JsonObject {
  return {
    remote_socket_address: `${connection.remoteHost}:${connection.remotePort}`,
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.packetsReceived,
    packets_sent: connection.packetsSent,
  };
}

function whole(connection: ConnectionView): JsonObject {
  const { latency } = connection;
  return {
    ...brief(connection),
    session_id: connection.sessionId,
    last_operation: connection.lastOperation,
    established: connection.establishedAt,
    session_timeout: connection.sessionTimeout,
    last_cxid: connection.lastCxid,
    last_zxid: connection.lastZxid,
    last_response_time: Math.trunc(connection.lastResponseTime),
    last_latency: Math.trunc(connection.lastLatency),
    min_latency: Math.trunc(latency.min),
    avg_latency: Math.trunc(latency.avg),
    max_latency: Math.trunc(latency.max),
  };
}

async function serverStats(view: ServerView): Promise<JsonObject> {
  const { snapshotBytes, logBytes } = await view.sizes();
  const texts = new Map(Array.from(monitorFigures(view), ({ name, text }) => [name, text]));
  const figure = (name: string): JavaNumber => new JavaNumber(texts.get(name) ?? '0');
  const responses: JsonObject = {
    last_buffer_size: figure('last_client_response_size'),
    min_buffer_size: figure('min_client_response_size'),
    max_buffer_size: figure('max_client_response_size'),
  };
  const proposals = view.ensemble?.proposalSizes;
  return {
    version: view.version,
    read_only: view.mode === 'read-only',
    server_stats: {
      packets_sent: view.packetsSent,
      packets_received: view.packetsReceived,
      fsync_threshold_exceed_count: figure('fsync_threshold_exceed_count'),
      client_response_stats: responses,
      data_dir_size: snapshotBytes,
      log_dir_size: logBytes,
      provider_null: false,
      last_processed_zxid: view.lastProcessedZxid,
      outstanding_requests: view.outstandingRequests,
      server_state: view.mode,
      avg_latency: figure('avg_latency'),
      max_latency: figure('max_latency'),
      min_latency: figure('min_latency'),
      num_alive_client_connections: view.connectionCount,
      uptime: figure('uptime'),
      auth_failed_count: figure('auth_failed_count'),
      non_mtlsremote_conn_count: 0,
      non_mtlslocal_conn_count: 0,
    },
    client_response: responses,
    ...(proposals !== undefined && {
      proposal_stats: {
        last_buffer_size: proposals.last,
        min_buffer_size: proposals.min,
        max_buffer_size: proposals.max,
      },
    }),
    node_count: view.nodeCount,
  };
}

const TOP_DEFAULT = 20;
const TOP_MAX = 200;
