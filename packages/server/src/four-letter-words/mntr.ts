import type { MetricSample } from '@corral/runtime';
import { BASIC_SUMMARIES, COUNTERS, GAUGES, PERCENTILE_SUMMARIES } from './figure-names.ts';
import { javaAverage } from './java-format.ts';
import type { ServerMode, ServerView } from './server-view.ts';

/**
 * `mntr`: every figure Apache 3.9 shows, under its name, one per line; then how many requests were refused, which Apache has
 * not. What this server does not measure stands at zero, as it does on an Apache server whose part in question is idle, so
 * that dashboards and alerts find their lines: `docs/DIVERGENCE.md` has the list, with the reasons.
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
  const samples = new Map<string, MetricSample>();
  // Names of our own are for Prometheus: who reads `mntr` knows Apache's.
  for (const sample of view.metrics())
    if (!sample.name.startsWith('corral_')) samples.set(sample.name, sample);
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
export function* ensembleFigures({ ensemble, mode, config }: ServerView): Iterable<MonitorFigure> {
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
  const leader = ensemble.leader?.();
  if (leader !== undefined) {
    yield number('synced_non_voting_followers', leader.nonVotingFollowers);
    yield number('pending_syncs', leader.pendingSyncs);
    yield number('leader_uptime', leader.uptimeMs);
  }
  if (sizes !== undefined) {
    yield number('last_proposal_size', sizes.last);
    yield number('max_proposal_size', sizes.max);
    yield number('min_proposal_size', sizes.min);
  }
  const servesObservers =
    mode === 'leader' || (mode === 'follower' && config.ensemble!.observerMasterPort > 0);
  if (servesObservers) yield number('synced_observers', observers);
  if (mode === 'observer' && ensemble.masterId !== undefined)
    yield number('observer_master_id', ensemble.masterId);
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
