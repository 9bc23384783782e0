import { javaAverage } from './java-format.ts';
import type { ServerMode, ServerView } from './server-view.ts';

/**
 * `mntr`: every figure Apache 3.9 shows, under its name, one per line; then those of our own. What this server does
 * not measure stands at zero, as it does on an Apache server whose part in question is idle, so that dashboards and
 * alerts find their lines. At zero stay:
 *
 * - what only members of an ensemble have, here as on a standalone Apache server: elections, synchronisation,
 *   learners, proposals and acks, the commit processor and its queues (`*_commit_proc_*`, `*_session_queue*`,
 *   `*_final_proc_time_ms`), `commit_count`, `proposal_count`, `snap_count`, `revalidate_count`;
 * - `prep_processor_queue_*`, `request_throttle_*`, `throttled_ops`: no request waits for its preparation;
 * - `sync_process_time`: an append goes to memory, and is in `proposal_process_time`;
 * - `stale_requests*`: of a connection that has ended nothing more is taken;
 * - `outstanding_changes_*`: what is in flight is not counted by nodes;
 * - `response_packet_*`: there is no such cache, and no need: nodes lie encoded in the tree;
 * - `dead_watchers_*`, `add_dead_watcher_stall_time`: watches go with their connection, at once;
 * - `connection_token_deficit`, `connection_drop_probability`: there is no such throttle;
 * - `*tls*`, `non_mtls_*`, `netty_*`, `unsuccessful_handshake`, `cnxn_closed_*`: a transport's affair;
 * - `restore_*`, `insecure_admin_count`: nothing is restored through the admin server.
 *
 * `fsynctime` comes from the storage, `*_file_descriptor_count` from the application. Requests are counted by
 * `prep_processor_*` and `sync_processor_*` where they are writes: reads do not come there. Not shown are the reads,
 * writes and exceeded quotas per namespace: they would cost every request a string.
 */
export function* monitor(view: ServerView): Iterable<string> {
  for (const figure of monitorFigures(view)) yield `zk_${figure.name}\t${figure.text}\n`;
}

export interface MonitorFigure {
  /** Without `zk_`. */
  readonly name: string;
  /** As Java prints it. */
  readonly text: string;
  readonly isNumber: boolean;
}

/** The same for those who show it another way. */
export function* monitorFigures(view: ServerView): Iterable<MonitorFigure> {
  yield word('version', view.version);
  yield word('server_state', view.mode);
  yield* ensembleFigures(view);
  const samples = new Map(Array.from(view.metrics(), (sample) => [sample.name, sample]));
  const texts = new Map<string, string>();
  for (const [name, value] of Object.entries(GAUGES))
    if (!samples.has(name)) texts.set(name, text(value(view), isDecimal(name)));
  for (const name of COUNTERS) texts.set(name, '0');
  for (const name of BASIC_SUMMARIES) addEmptySummary(texts, name, BASIC_PARTS);
  for (const name of PERCENTILE_SUMMARIES) addEmptySummary(texts, name, ALL_PARTS);
  for (const { name, value, isDecimal: asDecimal } of samples.values())
    texts.set(name, text(value, asDecimal));
  for (const [name, value] of texts) yield { name, text: value, isNumber: true };
}

/** Leader, Follower, Observer and QuorumZooKeeperServer, `dumpMonitorValues` and `registerMetrics`. */
function* ensembleFigures({ ensemble, mode }: ServerView): Iterable<MonitorFigure> {
  const state = PEER_STATES[mode];
  if (ensemble === undefined || state === undefined) return;
  yield word('peer_state', `${state} - broadcast`);
  yield number('quorum_size', ensemble.quorum.voters.size);
  const { followers, observers } = ensemble.learners();
  const sizes = ensemble.proposalSizes;
  if (mode === 'leader') {
    yield number('learners', followers + observers);
    yield number('synced_followers', followers);
  }
  if (sizes !== undefined) {
    yield number('last_proposal_size', sizes.last);
    yield number('max_proposal_size', sizes.max);
    yield number('min_proposal_size', sizes.min);
  }
  if (mode !== 'observer') yield number('synced_observers', observers);
  else if (ensemble.masterId !== undefined) yield number('observer_master_id', ensemble.masterId);
}

function word(name: string, value: string): MonitorFigure {
  return { name, text: value, isNumber: false };
}

function number(name: string, value: number): MonitorFigure {
  return { name, text: String(value), isNumber: true };
}

const PEER_STATES: Readonly<Record<ServerMode, string | undefined>> = {
  standalone: undefined,
  leader: 'leading',
  follower: 'following',
  observer: 'observing',
  'read-only': undefined,
};

function addEmptySummary(texts: Map<string, string>, name: string, parts: readonly string[]): void {
  for (const part of parts) texts.set(`${part}_${name}`, part === 'avg' ? '0.0' : '0');
}

/** Java holds all but averages and probabilities as longs, whatever we measured them as. */
function text(value: number, asDecimal: boolean): string {
  return asDecimal ? javaAverage(value) : `${Math.round(value)}`;
}

function isDecimal(gauge: string): boolean {
  return gauge === 'avg_latency' || gauge === 'connection_drop_probability';
}

const BASIC_PARTS = ['avg', 'min', 'max', 'cnt', 'sum'];
const ALL_PARTS = [...BASIC_PARTS, 'p50', 'p95', 'p99', 'p999'];

/** Gauges, and what they show where nobody has given one under their name. */
const GAUGES: Readonly<Record<string, (view: ServerView) => number>> = {
  avg_latency: (view) => view.latency.avg,
  max_latency: (view) => view.latency.max,
  min_latency: (view) => view.latency.min,
  packets_received: (view) => view.packetsReceived,
  packets_sent: (view) => view.packetsSent,
  num_alive_connections: (view) => view.connectionCount,
  outstanding_requests: (view) => view.outstandingRequests,
  uptime: () => 0,
  znode_count: (view) => view.nodeCount,
  watch_count: (view) => view.watches.watchCount,
  ephemerals_count: () => 0,
  approximate_data_size: () => 0,
  global_sessions: (view) => view.sessionCount,
  local_sessions: () => 0,
  open_file_descriptor_count: () => 0,
  max_file_descriptor_count: () => 0,
  connection_drop_probability: () => 0,
  // Before the first reply.
  last_client_response_size: () => -1,
  max_client_response_size: () => -1,
  min_client_response_size: () => -1,
  outstanding_tls_handshake: () => 0,
  auth_failed_count: () => 0,
  non_mtls_remote_conn_count: () => 0,
  non_mtls_local_conn_count: () => 0,
};

const COUNTERS = names(`
  add_dead_watcher_stall_time bytes_received_count cnxn_closed_without_zk_server_running commit_count
  connection_drop_count connection_rejected connection_request_count connection_revalidate_count
  dead_watchers_cleared dead_watchers_queued diff_count digest_mismatches_count ensemble_auth_fail
  ensemble_auth_skip ensemble_auth_success insecure_admin_count large_requests_rejected
  learner_commit_received_count learner_proposal_received_count looking_count outstanding_changes_queued
  outstanding_changes_removed prep_processor_request_queued proposal_count
  quit_leading_due_to_disloyal_voter request_commit_queued request_throttle_wait_count
  requests_not_forwarded_to_commit_processor response_bytes response_packet_cache_hits
  response_packet_cache_misses response_packet_get_children_cache_hits
  response_packet_get_children_cache_misses restore_error_count restore_rate_limited_count
  revalidate_count sessionless_connections_expired skip_learner_request_to_next_processor_count
  snap_count snapshot_error_count snapshot_rate_limited_count stale_replies stale_requests
  stale_requests_dropped stale_sessions_expired sync_processor_request_queued throttled_ops
  tls_handshake_exceeded unrecoverable_error_count unsuccessful_handshake watch_bytes`);

const BASIC_SUMMARIES = names(`
  commit_commit_proc_req_queued commit_process_time concurrent_request_processing_in_commit_processor
  connection_token_deficit dbinittime election_time follower_sync_time fsynctime inflight_diff_count
  inflight_snap_count leader_unavailable_time learner_request_processor_queue_size
  netty_queued_buffer_capacity node_changed_watch_count node_children_watch_count
  node_created_watch_count node_deleted_watch_count observer_sync_time pending_session_queue_size
  prep_process_time prep_processor_queue_size proposal_process_time read_commit_proc_issued
  read_commit_proc_req_queued reads_after_write_in_session_queue reads_issued_from_session_queue
  requests_in_session_queue restore_time session_queues_drained snapshottime socket_closing_time
  startup_snap_load_time startup_txns_load_time startup_txns_loaded sync_process_time
  sync_processor_batch_size sync_processor_queue_size
  time_waiting_empty_pool_in_commit_processor_read_ms unavailable_time
  write_batch_time_in_commit_processor write_commit_proc_issued write_commit_proc_req_queued`);

const PERCENTILE_SUMMARIES = names(`
  close_session_prep_time commit_propagation_latency dead_watchers_cleaner_latency jvm_pause_time_ms
  local_write_committed_time_ms om_commit_process_time_ms om_proposal_process_time_ms
  prep_processor_queue_time_ms propagation_latency proposal_ack_creation_latency proposal_latency
  quorum_ack_latency read_commitproc_time_ms read_final_proc_time_ms readlatency
  request_throttle_queue_time_ms server_write_committed_time_ms sync_processor_queue_and_flush_time_ms
  sync_processor_queue_flush_time_ms sync_processor_queue_time_ms updatelatency write_commitproc_time_ms
  write_final_proc_time_ms`);

function names(list: string): readonly string[] {
  return list.trim().split(/\s+/);
}
