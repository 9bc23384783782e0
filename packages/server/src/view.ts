import type { DataTree } from '@corral/datatree';
import type { SnapshotInfo, Storage } from '@corral/persistence';
import { Perms, type QuorumConfig, type Zxid } from '@corral/protocol';
import type { Clock, CollectingMetrics, MetricFamily, MetricSample } from '@corral/runtime';
import type { SessionTracker } from '@corral/session';
import type { ProposalSizes } from './ensemble/proposal-sizes.ts';
import type { Backlog } from './backlog.ts';
import type { ServerConfig } from './config.ts';
import type { ClientConnection } from './connection.ts';
import type { Access } from './access.ts';
import type { Authentication } from './auth.ts';
import {
  type AdminStanding,
  APACHE_VERSION,
  type ConnectionView,
  type DigestView,
  type EnsembleView,
  type ExpiryView,
  type LatencyView,
  type LeaderView,
  type ServerMode,
  type ServerView,
  type TopView,
  type WatchesView,
} from './four-letter-words/index.ts';
import { quotaSamples } from './quota-samples.ts';
import type { RequestWatch } from './request-watch.ts';
import type { Roster } from './roster.ts';
import type { SessionOwner, Sessions } from './sessions.ts';
import { lastOperationName, type ServerStats } from './stats.ts';
import type { Snapshotting } from './snapshotting.ts';
import type { Watching } from './watching.ts';

export interface LiveViewOptions {
  readonly mode: ServerMode;
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly tree: DataTree;
  readonly storage: Storage;
  readonly sessions: Sessions;
  readonly watching: Watching;
  readonly authentication: Authentication;
  readonly access: Access;
  readonly snapshotting: Snapshotting;
  readonly backlog: Backlog;
  readonly stats: ServerStats;
  readonly watch: RequestWatch;
  readonly minSessionTimeout: number;
  readonly maxSessionTimeout: number;
  readonly metrics: CollectingMetrics;
  readonly version: string | undefined;
  readonly environment: (() => Iterable<readonly [name: string, value: string]>) | undefined;
  readonly isServing: () => boolean;
  readonly clientPort: () => number;
  readonly connections: () => Roster<ClientConnection>;
  readonly ensemble: EnsembleParts | undefined;
}

/** What a term of a member knows that its server does not. */
export interface EnsembleParts {
  readonly quorum: () => QuorumConfig;
  readonly learners: () => { readonly followers: number; readonly observers: number };
  readonly proposalSizes: ProposalSizes | undefined;
  readonly leader: (() => LeaderView) | undefined;
  readonly masterId: number | undefined;
}

/** The server as the four-letter words see it: nothing here is a copy. */
export class LiveView implements ServerView {
  readonly mode: ServerMode;
  readonly watches: WatchesView;
  readonly ensemble: EnsembleView | undefined;
  readonly #o: LiveViewOptions;

  constructor(options: LiveViewOptions) {
    this.#o = options;
    this.mode = options.mode;
    this.watches = new LiveWatches(options.watching);
    this.ensemble = options.ensemble && this.#ensembleView(options.ensemble);
  }

  get version(): string {
    return this.#o.version ?? APACHE_VERSION;
  }

  get isServing(): boolean {
    return this.#o.isServing();
  }

  get config(): ServerConfig {
    return this.#o.config;
  }

  get clientPort(): number {
    return this.#o.clientPort();
  }

  get minSessionTimeout(): number {
    return this.#o.minSessionTimeout;
  }

  get maxSessionTimeout(): number {
    return this.#o.maxSessionTimeout;
  }

  get lastProcessedZxid(): Zxid {
    return this.#o.tree.lastProcessedZxid;
  }

  get nodeCount(): number {
    return this.#o.tree.nodeCount;
  }

  get latency(): LatencyView {
    return this.#o.stats.latency;
  }

  get packetsReceived(): number {
    return this.#o.stats.packetsReceived;
  }

  get packetsSent(): number {
    return this.#o.stats.packetsSent;
  }

  get outstandingRequests(): number {
    return this.#o.backlog.size;
  }

  get connectionCount(): number {
    return this.#o.connections().size;
  }

  connections(): Iterable<ConnectionView> {
    return views(this.#o.connections());
  }

  get sessionCount(): number {
    return this.#o.sessions.tracker.size;
  }

  sessionExpiries(): readonly ExpiryView<bigint>[] {
    return this.#expiriesOf(this.#o.sessions.tracker);
  }

  connectionExpiries(): readonly ExpiryView<ConnectionView>[] {
    return this.#connectionSets().map(([at, connections]) => ({
      expiresAt: this.#wallTime(at),
      count: connections.length,
      members: () => views(connections),
    }));
  }

  get ephemeralOwnerCount(): number {
    return this.#o.tree.ephemeralOwnerCount;
  }

  ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]> {
    return this.#o.tree.allEphemerals();
  }

  digests(): Iterable<DigestView> {
    return this.#o.tree.digests.recent.map(({ zxid, value }) => ({ zxid, digest: value }));
  }

  async lastSnapshot(): Promise<SnapshotInfo | undefined> {
    return (await this.#o.storage.snapshots.list())[0];
  }

  sizes(): Promise<{ readonly snapshotBytes: number; readonly logBytes: number }> {
    return this.#o.storage.size();
  }

  metrics(): Iterable<MetricSample> {
    return [...this.#o.metrics.samples(), ...quotaSamples(this.#o.tree.listQuotas())];
  }

  *families(): Iterable<MetricFamily> {
    yield* this.#o.metrics.families();
    for (const { name, value } of quotaSamples(this.#o.tree.listQuotas()))
      yield { kind: 'gauge', name, value };
  }

  top(count: number): TopView {
    return this.#o.watch.top(count);
  }

  environment(): Iterable<readonly [name: string, value: string]> {
    return this.#o.environment?.() ?? [];
  }

  resetStatistics(): void {
    this.#o.stats.reset();
    this.#o.ensemble?.proposalSizes?.reset();
    this.#o.metrics.reset();
  }

  resetConnectionStatistics(): void {
    for (const connection of this.#o.connections()) connection.resetStats();
  }

  takeSnapshot(): Promise<SnapshotInfo> {
    return this.#o.snapshotting.takeNow();
  }

  adminStanding(scheme: string, token: Uint8Array | null, remoteHost: string): AdminStanding {
    const { authentication, access, tree } = this.#o;
    const identities = authentication.authenticate(scheme, token, [], remoteHost);
    if (typeof identities === 'string' || identities.length === 0) return 'unknown';
    const acl = tree.acl(tree.find('/'));
    const isAdmitted = EACH_PERM.every((perm) => access.allows(acl, perm, identities));
    return isAdmitted ? 'admitted' : 'denied';
  }

  #ensembleView({ quorum, learners, proposalSizes, leader, masterId }: EnsembleParts): EnsembleView {
    const { sessions, tree } = this.#o;
    const { local } = sessions;
    return {
      get quorum() {
        return quorum();
      },
      localSessions: () => local && { count: local.size, expiries: this.#expiriesOf(local) },
      globalSessions: this.mode === 'leader' ? undefined : tree.sessions,
      learners,
      proposalSizes,
      leader,
      masterId,
    };
  }

  #expiriesOf(tracker: SessionTracker<SessionOwner>): readonly ExpiryView<bigint>[] {
    return Array.from(tracker.expirySets(), ([at, sessions]) => ({
      expiresAt: this.#wallTime(at),
      count: sessions.length,
      members: () => ids(sessions),
    }));
  }

  /** By the time a connection that stays silent loses its session, in steps of the handshake's time as in Apache. */
  #connectionSets(): [at: number, connections: ClientConnection[]][] {
    const stepMs = Math.max(this.#o.config.sessionlessCnxnTimeout, 1);
    const sets = new Map<number, ClientConnection[]>();
    for (const connection of this.#o.connections()) {
      const silentUntil = connection.lastHeardAt + connection.sessionTimeout;
      const at = (Math.floor(silentUntil / stepMs) + 1) * stepMs;
      const set = sets.get(at);
      if (set === undefined) sets.set(at, [connection]);
      else set.push(connection);
    }
    return [...sets].toSorted(([a], [b]) => a - b);
  }

  #wallTime(monotonicMs: number): number {
    const { clock } = this.#o;
    return clock.now() + Math.round(monotonicMs - clock.monotonic());
  }
}

class LiveConnection implements ConnectionView {
  readonly #connection: ClientConnection;

  constructor(connection: ClientConnection) {
    this.#connection = connection;
  }

  get remoteHost(): string {
    return this.#connection.link.remote.host;
  }

  get remotePort(): number {
    return this.#connection.link.remote.port;
  }

  get interestOps(): number {
    return this.#connection.interestOps;
  }

  get outstandingRequests(): number {
    return this.#connection.lane.length;
  }

  get packetsReceived(): number {
    return this.#connection.packetsReceived;
  }

  get packetsSent(): number {
    return this.#connection.packetsSent;
  }

  get sessionId(): bigint {
    return this.#connection.session?.id ?? 0n;
  }

  get lastOperation(): string {
    return lastOperationName(this.#connection.lastType);
  }

  get establishedAt(): number {
    return this.#connection.establishedAt;
  }

  get sessionTimeout(): number {
    return this.#connection.sessionTimeout;
  }

  get lastCxid(): number {
    return this.#connection.lastCxid;
  }

  get lastZxid(): number {
    return this.#connection.lastZxid;
  }

  get lastResponseTime(): number {
    return this.#connection.lastResponseTime;
  }

  get lastLatency(): number {
    return this.#connection.lastLatency;
  }

  get latency(): LatencyView {
    return this.#connection.latency;
  }
}

class LiveWatches implements WatchesView {
  readonly #watching: Watching;

  constructor(watching: Watching) {
    this.#watching = watching;
  }

  get connectionCount(): number {
    return this.#watching.watches.summary().connections;
  }

  get pathCount(): number {
    return this.#watching.watches.summary().paths;
  }

  get watchCount(): number {
    return this.#watching.watches.summary().watches;
  }

  *bySession(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]> {
    for (const [watcher, paths] of this.#watching.watches.byConnection())
      yield [watcher.session?.id ?? 0n, paths];
  }

  *byPath(): Iterable<readonly [path: string, sessionIds: Iterable<bigint>]> {
    for (const [path, watchers] of this.#watching.watches.byPath()) yield [path, sessionIds(watchers)];
  }
}

const EACH_PERM = [Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN] as const;

function* views(connections: Iterable<ClientConnection>): Iterable<ConnectionView> {
  for (const connection of connections) yield new LiveConnection(connection);
}

function* ids(sessions: Iterable<{ readonly id: bigint }>): Iterable<bigint> {
  for (const { id } of sessions) yield id;
}

function* sessionIds(watchers: Iterable<ClientConnection>): Iterable<bigint> {
  for (const watcher of watchers) yield watcher.session?.id ?? 0n;
}
