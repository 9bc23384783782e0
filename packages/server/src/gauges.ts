import type { DataTree } from '@corral/datatree';
import type { Clock, Metrics } from '@corral/runtime';
import type { ServerView } from './four-letter-words/index.ts';
import type { Sessions } from './sessions.ts';
import type { ServerStats } from './stats.ts';
import type { Watching } from './watching.ts';

export interface GaugeSources {
  readonly stats: ServerStats;
  readonly tree: DataTree;
  readonly sessions: Sessions;
  readonly watching: Watching;
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
}
