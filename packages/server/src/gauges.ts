import type { DataTree } from '@corral/datatree';
import type { Clock, MetricLabel, Metrics } from '@corral/runtime';
import type { ClientConnection } from './connection.ts';
import type { ServerView } from './four-letter-words/index.ts';
import type { Roster } from './roster.ts';
import type { Sessions } from './sessions.ts';
import type { ServerStats } from './stats.ts';
import type { Watching } from './watching.ts';

export interface GaugeSources {
  readonly stats: ServerStats;
  readonly tree: DataTree;
  readonly sessions: Sessions;
  readonly watching: Watching;
  readonly connections: () => Roster<ClientConnection>;
  readonly clock: Clock;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
}

/** The server's figures of the moment, under Apache's names (ZooKeeperServer.registerMetrics). */
export function registerGauges(metrics: Metrics, view: ServerView, sources: GaugeSources): void {
  const { stats, tree, sessions, watching, clock, startedAt } = sources;
  metrics.gauge('avg_latency', () => stats.latency.avg);
  metrics.gauge('max_latency', () => stats.latency.max);
  metrics.gauge('min_latency', () => stats.latency.min);
  metrics.gauge('packets_received', () => stats.packetsReceived);
  metrics.gauge('packets_sent', () => stats.packetsSent);
  metrics.gauge('num_alive_connections', () => view.connectionCount);
  metrics.gauge('outstanding_requests', () => view.outstandingRequests);
  metrics.gauge('uptime', () => Math.floor(clock.monotonic() - startedAt));
  metrics.gauge('znode_count', () => tree.nodeCount);
  metrics.gauge('watch_count', () => watching.watches.count);
  metrics.gauge('ephemerals_count', () => tree.ephemeralCount);
  metrics.gauge('approximate_data_size', () => tree.approximateDataSize);
  metrics.gauge('global_sessions', () => tree.sessions.size);
  metrics.gauge('local_sessions', () => sessions.local?.size ?? 0);
  metrics.gauge('last_client_response_size', () => stats.lastResponseSize);
  metrics.gauge('max_client_response_size', () => stats.maxResponseSize);
  metrics.gauge('min_client_response_size', () => stats.minResponseSize);
  metrics.gauge('digest_mismatches_count', () => tree.digests.mismatchCount);
  metrics.gauge('auth_failed_count', () => stats.authFailed);
  registerMemory(metrics, sources);
}

/** What the parts of a server take, in bytes: of the tree and of what waits to leave exactly, else as measured with many. */
function registerMemory(metrics: Metrics, { tree, watching, connections }: GaugeSources): void {
  const name = 'corral_memory_bytes';
  metrics.gauge(name, () => tree.memoryBytes, part('tree'));
  metrics.gauge(name, () => watching.watches.count * WATCH_BYTES, part('watches'));
  metrics.gauge(name, () => tree.sessions.size * SESSION_BYTES, part('sessions'));
  metrics.gauge(name, () => connections().size * CONNECTION_BYTES, part('connections'));
  metrics.gauge(name, () => unsentBytes(connections()), part('unsent'));
}

function part(value: string): MetricLabel {
  return { name: 'part', value };
}

function unsentBytes(connections: Roster<ClientConnection>): number {
  let bytes = 0;
  for (const { link } of connections) bytes += link.unsent;
  return bytes;
}

/** A watch on a path of its own; one on a path that others watch, too, takes less than half of that. */
const WATCH_BYTES = 160;
const SESSION_BYTES = 185;
/** What a process grew by with each of 3,000, idle, without its session. */
const CONNECTION_BYTES = 7300;
