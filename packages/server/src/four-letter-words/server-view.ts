import type { SnapshotInfo } from '@corral/persistence';
import type { QuorumConfig, Zxid } from '@corral/protocol';
import type { MetricFamily, MetricSample } from '@corral/runtime';
import type { ServerConfig } from '../config.ts';

/**
 * What the four-letter words and the HTTP commands need to see of a running server, and the few things they may do to
 * it. The server implements it over its own live state; nothing here is a copy.
 *
 * Iterables are walked in slices over several turns of the event loop while the server goes on serving. So they
 * must survive changes between two steps (iterators of Map and Set do, those of arrays that shrink do not), and
 * each `Iterable` starts afresh when it is asked for.
 */
export interface ServerView extends StandingView {
  /** Undefined for a server that stands alone. */
  readonly ensemble?: EnsembleView | undefined;
  readonly mode: ServerMode;
  /** The port that is really open, or -1. */
  readonly clientPort: number;
  /** As negotiated sessions see them, in milliseconds: what -1 in the configuration stands for is worked out. */
  readonly minSessionTimeout: number;
  readonly maxSessionTimeout: number;

  readonly lastProcessedZxid: Zxid;
  /** Apache's `getNodeCount`: an empty server has 5, because its map holds the root twice. */
  readonly nodeCount: number;
  /** Latency of requests since the start or the last reset, in milliseconds. */
  readonly latency: LatencyView;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** Requests taken in and not yet answered. */
  readonly outstandingRequests: number;

  /** Every open connection, the one that asks included. */
  readonly connectionCount: number;
  connections(): Iterable<ConnectionView>;

  /** Sessions by the time they expire at, soonest first. Made when it is asked for. */
  readonly sessionCount: number;
  sessionExpiries(): readonly ExpiryView<bigint>[];
  /** Connections by the time they are closed at when nothing arrives, soonest first. Made when it is asked for. */
  connectionExpiries(): readonly ExpiryView<ConnectionView>[];

  /** How many sessions own ephemeral nodes, and which. */
  readonly ephemeralOwnerCount: number;
  ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>;

  readonly watches: WatchesView;
  /** The digest log, oldest first. */
  digests(): Iterable<DigestView>;
  /** The newest; undefined where there is none. */
  lastSnapshot(): Promise<SnapshotInfo | undefined>;
  /** Bytes on the medium (`Storage.size`). */
  sizes(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }>;

  /** What was collected, under Apache's names without `zk_` (`CollectingMetrics.samples`). */
  metrics(): Iterable<MetricSample>;
  /** The same, each figure with what it is. */
  families(): Iterable<MetricFamily>;
  /** Who sends most of late, and where to: so many of each. */
  top(count: number): TopView;
  /** `srst`: latencies, packet counts, response sizes, counters and summaries begin again. */
  resetStatistics(): void;
  /** `crst`: the same for the figures of every connection. */
  resetConnectionStatistics(): void;
  /** Takes one now, after the one that is being taken. Rejects where that fails; the server goes on. */
  takeSnapshot(): Promise<SnapshotInfo>;
  /** Whether somebody who shows `token` under `scheme` may do everything to the root node. */
  adminStanding(scheme: string, token: Uint8Array | null, remoteHost: string): AdminStanding;
}

export type AdminStanding = 'unknown' | 'denied' | 'admitted';

/** What there is to see of a server whether it serves or not. */
export interface StandingView {
  /** Started, and neither stopping, failed nor looking for a leader. When false, nothing but this is asked for. */
  readonly isServing: boolean;
  /** As Apache's `Version.getFullVersion()`; made by `fullVersion`. */
  readonly version: string;
  readonly config: ServerConfig;
  /** `name=value` of `envi` after `zookeeper.version`. Handed to the server by the application, which knows the machine. */
  environment(): Iterable<readonly [name: string, value: string]>;
}

/** What a member of an ensemble shows beside. */
export interface EnsembleView {
  /** The configuration in force. */
  readonly quorum: QuorumConfig;
  /** Sessions that nobody else knows; undefined where there are none (`localSessionsEnabled`). */
  localSessions(): LocalSessionsView | undefined;
  /** Of a learner, which does not know when they expire, all sessions of the ensemble by their timeouts. */
  readonly globalSessions: ReadonlyMap<bigint, number> | undefined;
  /** Of a leader, who follows it and is up to date; of a follower, which observers have come to it. */
  learners(): { readonly followers: number; readonly observers: number };
  /** Of a leader, in bytes; -1 before the first. */
  readonly proposalSizes: { readonly last: number; readonly min: number; readonly max: number } | undefined;
  /** Of a leader. */
  readonly leader: (() => LeaderView) | undefined;
  /** Whom it is connected with; undefined for a leader. */
  readonly masterId: number | undefined;
}

export interface TopView {
  /** Milliseconds that it covers. */
  readonly sinceMs: number;
  /** One request of so many is looked at. The counts are of all requests, as far as one can tell by those. */
  readonly sampledOneOf: number;
  readonly requestCount: number;
  /** Heaviest first. */
  readonly clients: readonly TopEntry[];
  readonly paths: readonly TopEntry[];
  readonly operations: readonly TopEntry[];
}

export interface TopEntry {
  readonly key: string;
  /** Requests. */
  readonly count: number;
  /** Of these requests. */
  readonly bytes: number;
  /** By so much at most `count` is too high for the place it took over from another, beside what is due to looking at some only. */
  readonly overcount: number;
}

export interface LeaderView {
  /** Since a quorum follows it, in milliseconds. */
  readonly uptimeMs: number;
  /** Syncs that wait for what was proposed before them. */
  readonly pendingSyncs: number;
  /** Followers that are up to date and may not vote yet. */
  readonly nonVotingFollowers: number;
}

export interface LocalSessionsView {
  readonly count: number;
  readonly expiries: readonly ExpiryView<bigint>[];
}

export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';

/** Zeros as long as nothing was measured. */
export interface LatencyView {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

export interface ConnectionView {
  /** An IP literal, IPv6 without brackets. */
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Java's interest set: 1 while it reads, 4 while bytes wait to be written, the sum of both, or 0. */
  readonly interestOps: number;
  /** Requests taken in and not yet answered. */
  readonly outstandingRequests: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
  /** 0n before the session stands: the rest is not shown then. */
  readonly sessionId: bigint;
  /** The last operation answered, as Apache abbreviates it (`SESS`, `PING`, `CREA`, `GETD`...), `NA` before the first. */
  readonly lastOperation: string;
  /** Wall-clock milliseconds. */
  readonly establishedAt: number;
  /** Negotiated, in milliseconds. */
  readonly sessionTimeout: number;
  /** -1 when no request with an ordinary xid was answered yet; it is not shown then. */
  readonly lastCxid: number;
  /** Of the last answer's header; -1 where none was sent yet (Apache shows ffffffffffffffff). */
  readonly lastZxid: number;
  /** When the last answer left, in milliseconds of the server's monotonic clock; 0 before. */
  readonly lastResponseTime: number;
  /** Milliseconds. */
  readonly lastLatency: number;
  readonly latency: LatencyView;
}

export interface ExpiryView<T> {
  /** Wall-clock milliseconds. */
  readonly expiresAt: number;
  readonly count: number;
  members(): Iterable<T>;
}

/** Data and exist watches (Apache's `dataWatches` alone, which is all its words show). */
export interface WatchesView {
  readonly connectionCount: number;
  readonly pathCount: number;
  readonly watchCount: number;
  bySession(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>;
  byPath(): Iterable<readonly [path: string, sessionIds: Iterable<bigint>]>;
}

export interface DigestView {
  readonly zxid: Zxid;
  readonly digest: bigint;
}
