import type { DataTree } from '@corral/datatree';
import type { PersistenceError } from '@corral/persistence';
import { QuorumConfig, ZXID_NONE } from '@corral/protocol';
import type { LogFields, LogLevel } from '@corral/runtime';
import {
  defaultEnsembleConfig,
  defaultServerConfig,
  type EnsembleConfig,
  type ServerConfig,
} from '@corral/server';
import type { Latency } from '@corral/transport/memory';
import { standardInvariants } from '../checks/standard-invariants.ts';
import { treeDifference } from '../checks/tree-difference.ts';
import type { ClientCounters, SimulatedClient } from '../clients/simulated-client.ts';
import type { HistoryRecord } from '../history.ts';
import type { Checks, Invariant, MemberRole } from '../invariant.ts';
import { CommittedHistory } from '../world/committed-history.ts';
import type { OpenOnDisk } from '../world/medium.ts';
import { type KeptConfigs, SimulatedServer } from '../world/simulated-server.ts';
import { World } from '../world/world.ts';
import { ClusterClient } from './cluster-client.ts';
import { ClusterDisk } from './cluster-disk.ts';

export interface ClusterOptions {
  /** Voters, numbered from 1. Default 3. */
  readonly servers?: number;
  /** Observers, numbered from there on. Default 0. */
  readonly observers?: number;
  /** Opens a storage on a simulated disk. Default: the memory storage. */
  readonly storage?: OpenOnDisk | undefined;
  /** What all servers are told otherwise. */
  readonly config?: Partial<ServerConfig>;
  readonly ensemble?: Partial<EnsembleConfig>;
  /** Milliseconds, as clients ask for it. Default 10000. */
  readonly sessionTimeoutMs?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Of each piece on the network, in milliseconds. Default 1. */
  readonly latency?: Latency;
  /** Default: all that this package has. */
  readonly invariants?: readonly Invariant[];
}

/** What one server is told otherwise than the others, from its next start on. */
export interface OwnConfig {
  readonly config?: Partial<ServerConfig>;
  readonly ensemble?: Partial<EnsembleConfig>;
  /** What its file says until it has heard of another configuration. */
  readonly initialQuorum?: QuorumConfig;
}

/**
 * An ensemble that does what a script says: servers start, stop, crash and lose power, links are held one way and let go,
 * processes stand still, disks hold their syncs or fail them, clients write and read. Time goes on only while the script
 * waits for something, so that it always finds the same; everything real is real: cores, hosts, storage. The invariants
 * are watched all the time; the first that breaks makes whatever the script waits for reject.
 */
export class Cluster {
  readonly world: World;
  readonly committed: CommittedHistory;
  /** What every client did and saw, for `checkHistory`. */
  readonly history: HistoryRecord[] = [];
  readonly #o: ClusterOptions;
  readonly #servers: Map<number, SimulatedServer> = new Map();
  readonly #disks: Map<number, ClusterDisk> = new Map();
  readonly #own: Map<number, OwnConfig> = new Map();
  readonly #kept: Map<number, QuorumConfig> = new Map();
  readonly #refused: Map<number, PersistenceError> = new Map();
  readonly #clients: SimulatedClient[] = [];
  readonly #counters: ClientCounters = { connections: 0, arrivals: 0, answered: 0 };
  readonly #listeners: Set<Checks> = new Set();
  /** Links that let nothing through, `from to` each. */
  readonly #cuts: Set<string> = new Set();
  readonly #log: string[] = [];
  readonly #quorum: QuorumConfig;

  /** Nobody has been started yet. */
  constructor(options: ClusterOptions = {}) {
    this.#o = options;
    const { servers = 3, observers = 0, seed = 1, latency = 1, invariants = standardInvariants } = options;
    this.world = new World(seed, { latency });
    const sids = Array.from({ length: servers + observers }, (_, i) => i + 1);
    this.#quorum = QuorumConfig.parse(
      sids.map((sid) => serverLine(sid, sid <= servers ? 'participant' : 'observer')).join('\n'),
    );
    this.committed = new CommittedHistory(this.#quorum, ZXID_NONE);
    for (const sid of sids) this.addServer(sid);
    this.world.watch([...invariants, this.#script], {
      now: () => this.world.clock.monotonic(),
      committed: this.committed,
      members: this.#servers,
      clients: this.#clients,
    });
  }

  /** All servers, started and serving. */
  static async serving(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options);
    await cluster.startAll();
    return cluster;
  }

  get sids(): number[] {
    return [...this.#servers.keys()];
  }

  server(sid: number): SimulatedServer {
    const server = this.#servers.get(sid);
    if (server === undefined) throw new RangeError(`server ${sid}: there is none`);
    return server;
  }

  disk(sid: number): ClusterDisk {
    return this.#disks.get(this.server(sid).sid)!;
  }

  tree(sid: number): DataTree {
    const { serving } = this.server(sid);
    if (serving === undefined) throw new Error(`server ${sid} does not serve`);
    return serving.tree;
  }

  /** Who leads and serves. */
  get leader(): number | undefined {
    return this.sids.find((sid) => this.roleOf(sid) === 'leader');
  }

  roleOf(sid: number): MemberRole | undefined {
    return this.server(sid).serving?.role;
  }

  /** The machine of a server that is in nobody's configuration yet, with an empty disk. */
  addServer(sid: number): void {
    const { world } = this;
    world.network.transport(`s${sid}`); // its name is known before it is up
    this.#servers.set(
      sid,
      new SimulatedServer({
        world,
        sid,
        committed: this.committed,
        medium: (weather) => {
          const disk = new ClusterDisk(weather, this.#o.storage);
          this.#disks.set(sid, disk);
          return disk;
        },
        random: world.random(),
        rate: 1,
        config: (kept) => this.#configOf(sid, kept),
        passwordKey: new Uint8Array(16).fill(7),
        log: (from, level, message, fields) => this.#write(from, level, message, fields),
        onEnd: () => {},
        onRefusal: (server, error) => void this.#refused.set(server.sid, error),
      }),
    );
  }

  /** The configuration that its file had when it last started; undefined: the first one. */
  keptQuorum(sid: number): QuorumConfig | undefined {
    return this.#kept.get(sid);
  }

  /** From its next start on. */
  configure(sid: number, own: OwnConfig): void {
    this.#own.set(sid, own);
  }

  /** Says so at once; they come up as the time goes on. */
  start(...sids: readonly number[]): void {
    for (const sid of sids) {
      this.#refused.delete(sid);
      this.server(sid).start();
    }
  }

  /** Everybody, until all serve. Returns who leads: of servers that have the same, the one with the highest number. */
  startAll(): Promise<number> {
    this.start(...this.sids);
    return this.leaderOf(...this.sids);
  }

  /** They end in order, one after the other. */
  async stop(...sids: readonly number[]): Promise<void> {
    for (const sid of sids) {
      this.server(sid).shutDown();
      await this.until(() => !this.server(sid).isUp, `server ${sid} ends`);
    }
  }

  /** The processes die at once; their machines go on. */
  crash(...sids: readonly number[]): void {
    for (const sid of sids) this.server(sid).die();
  }

  /** The machines lose their power: what was not synced is gone. */
  cutPower(...sids: readonly number[]): void {
    for (const sid of sids) this.server(sid).cutPower();
  }

  /** The process stands still, as in a long collection of garbage. */
  stall(sid: number): void {
    this.server(sid).stop();
  }

  /** It goes on with all that waited. */
  wake(sid: number): void {
    this.server(sid).go();
  }

  /** Its disk is replaced by an empty one. Only while its process does not run. */
  wipe(sid: number): void {
    this.server(sid).wipe();
  }

  /** Nothing passes from one to the other until `release`; bytes wait, and the other way stands. */
  hold(from: number, to: number): void {
    this.#cuts.add(`s${from} s${to}`);
    this.world.network.partitionOneWay(`s${from}`, `s${to}`);
  }

  release(from: number, to: number): void {
    this.#cuts.delete(`s${from} s${to}`);
    this.#recut();
  }

  /** Nothing passes between those and all others, either way. Clients reach everybody. */
  isolate(...sids: readonly number[]): void {
    for (const one of sids)
      for (const other of this.sids)
        if (!sids.includes(other)) {
          this.hold(one, other);
          this.hold(other, one);
        }
  }

  /** Everything passes. */
  heal(): void {
    this.#cuts.clear();
    this.#recut();
  }

  /** A client with a session on that server. */
  async client(
    sid: number,
    options: {
      readonly sessionTimeoutMs?: number;
      readonly auth?: readonly [scheme: string, credentials: string];
    } = {},
  ): Promise<ClusterClient> {
    const client = new ClusterClient({
      world: this.world,
      client: this.#clients.length + 1,
      host: this.server(sid).host,
      sessionTimeoutMs: options.sessionTimeoutMs ?? this.#o.sessionTimeoutMs ?? 10_000,
      auth: options.auth,
      counters: this.#counters,
      history: (record) => void this.history.push(record),
      run: (promise, what) => this.run(promise, what),
    });
    this.#clients.push(client.simulated);
    await this.until(() => client.session !== 0n, `a session on server ${sid}`);
    return client;
  }

  /** Calls these from now on, in the middle of a step of the server or client: the place to crash somebody at a moment. */
  listen(checks: Checks): void {
    this.#listeners.add(checks);
  }

  pass(ms: number): Promise<void> {
    return this.until(() => false, undefined, ms);
  }

  /** Lets the time go on until this holds; rejects where it does not within a simulated minute, or an invariant breaks. */
  async until(holds: () => boolean, what: string | undefined, limitMs: number = PATIENCE_MS): Promise<void> {
    const { clock } = this.world;
    const endMs = clock.monotonic() + limitMs;
    for (;;) {
      this.#requireSound();
      if (holds()) return;
      if (clock.monotonic() >= endMs) {
        if (what === undefined) return;
        throw new Error(`not within ${limitMs} simulated ms: ${what}\n${this.story()}`);
      }
      await clock.advanceAsync(Math.min(STRIDE_MS, endMs - clock.monotonic()));
    }
  }

  async run<T>(promise: Promise<T>, what: string): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    await this.until(() => isSettled, what);
    return promise;
  }

  async serves(...sids: readonly number[]): Promise<void> {
    const all = (): boolean => sids.every((sid) => this.server(sid).serving !== undefined);
    await this.until(all, `they serve: ${sids.join()}`);
  }

  /** Waits until those serve, and says who of them leads. */
  async leaderOf(...sids: readonly number[]): Promise<number> {
    const leads = (): number | undefined => sids.find((sid) => this.roleOf(sid) === 'leader');
    await this.until(
      () => leads() !== undefined && sids.every((sid) => this.server(sid).serving !== undefined),
      `one of ${sids.join()} leads the others`,
    );
    return leads()!;
  }

  /** Waits until all that serve have everything that was ever committed. */
  async isLevel(): Promise<void> {
    const lacks = (sid: number): boolean => {
      const { serving } = this.server(sid);
      return serving !== undefined && serving.tree.lastProcessedZxid < this.committed.lastZxid;
    };
    await this.until(() => !this.sids.some(lacks), 'all that serve have everything');
  }

  /** Waits until nobody leads any more. */
  async isHeadless(): Promise<void> {
    await this.until(() => this.leader === undefined, 'nobody leads');
  }

  /** Waits until its disk could not be used, and says why. */
  async refusal(sid: number): Promise<PersistenceError> {
    await this.until(() => this.#refused.has(sid), `server ${sid} refuses its disk`);
    return this.#refused.get(sid)!;
  }

  /**
   * The end of every script: all faults are over and everybody is started. Everybody must serve, have everything that was
   * ever committed, and nothing else, and take a write, also after a restart of all from their disks.
   */
  async ends(...sids: readonly number[]): Promise<void> {
    const all = sids.length > 0 ? sids : this.sids;
    this.heal();
    for (const sid of all) {
      if (this.server(sid).isStopped) this.wake(sid);
      this.disk(sid).release('log', 'truncation', 'snapshot', 'acceptedEpoch', 'currentEpoch');
    }
    this.start(...all);
    await this.#agree(all);
    for (const sid of all) this.crash(sid);
    this.start(...all);
    await this.#agree(all);
    for (const client of this.#clients) client.end();
  }

  /** What the servers said, and the last steps. */
  story(): string {
    const steps = this.world.trace.last().filter((line) => !/ data \d+$/.test(line));
    return [...this.#log.slice(-LINES_SHOWN), ...steps.slice(-LINES_SHOWN)].join('\n');
  }

  /** Lines of the servers' logs with these words in them. */
  lines(words: string): string[] {
    return this.#log.filter((line) => line.includes(words));
  }

  async #agree(sids: readonly number[]): Promise<void> {
    const leader = await this.leaderOf(...sids);
    const client = await this.client(leader);
    await client.create(`/end${this.#clients.length}`);
    await client.close();
    const isLevel = (): boolean =>
      sids.every((sid) => this.server(sid).serving?.tree.lastProcessedZxid === this.committed.lastZxid);
    await this.until(isLevel, 'all come to one history');
    if (this.sids.every((sid) => sids.includes(sid))) this.world.tell((checks) => checks.onCalm?.());
    for (const sid of sids) {
      const difference = treeDifference(this.committed.tree, this.tree(sid));
      if (difference !== undefined) throw new Error(`the tree of server ${sid}: ${difference}`);
    }
    this.#requireSound();
  }

  #requireSound(): void {
    const { violation } = this.world;
    if (violation === undefined) return;
    throw new Error(`${violation.invariant}: ${violation.says}\n${violation.message}\n${this.story()}`);
  }

  readonly #script: Invariant = {
    name: 'script',
    says: 'What the script is told.',
    watch: () => {
      const tell =
        <K extends keyof Checks>(name: K) =>
        (...args: Parameters<NonNullable<Checks[K]>>): void => {
          for (const listener of this.#listeners)
            (listener[name] as ((...rest: typeof args) => void) | undefined)?.(...args);
        };
      return {
        onLooking: tell('onLooking'),
        onProposed: tell('onProposed'),
        onAcknowledged: tell('onAcknowledged'),
        onCommitted: tell('onCommitted'),
        onDelivered: tell('onDelivered'),
        onServing: tell('onServing'),
        onForgotten: tell('onForgotten'),
        onEpoch: tell('onEpoch'),
        onReopened: tell('onReopened'),
      };
    },
  };

  /** A network heals as a whole: what still stands is cut again before anything has passed. */
  #recut(): void {
    this.world.network.heal();
    for (const cut of this.#cuts) {
      const [from, to] = cut.split(' ') as [string, string];
      this.world.network.partitionOneWay(from, to);
    }
  }

  #configOf(sid: number, kept: KeptConfigs | undefined): ServerConfig {
    if (kept?.quorum !== undefined) this.#kept.set(sid, kept.quorum);
    const own = this.#own.get(sid);
    return {
      ...defaultServerConfig,
      serverId: sid,
      clientPort: 2181,
      tickTime: TICK_MS,
      maxClientCnxns: 0,
      digestAuth: { enabled: true, algorithm: 'SHA1', superDigest: SUPER_DIGEST },
      ...this.#o.config,
      ...own?.config,
      ensemble: {
        ...defaultEnsembleConfig,
        initLimit: 10,
        syncLimit: 4,
        quorum: withSelf(kept?.quorum ?? own?.initialQuorum ?? this.#quorum, sid),
        lastSeenQuorum: kept?.lastSeenQuorum,
        ...this.#o.ensemble,
        ...own?.ensemble,
      },
    };
  }

  #write(sid: number, level: LogLevel, message: string, fields: LogFields): void {
    const { error, ...rest } = fields;
    const shown = JSON.stringify(rest, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const why = error instanceof Error ? ` ${error.stack}` : '';
    this.#log.push(
      `${this.world.clock.monotonic().toFixed(0)} ms s${sid} ${level} ${message} ${shown}${why}`,
    );
  }
}

/** An operator lets a server that was left out come as an observer until it is taken in again. */
function withSelf(quorum: QuorumConfig, sid: number): QuorumConfig {
  if (quorum.servers.has(sid)) return quorum;
  return QuorumConfig.parse(`${serverLine(sid, 'observer')}\n${quorum.toString()}`);
}

/** As a configuration file says it. */
export function serverLine(sid: number, role: 'participant' | 'observer' = 'participant'): string {
  return `server.${sid}=s${sid}:2888:3888:${role};2181`;
}

/** Of super:test. */
const SUPER_DIGEST = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
const TICK_MS = 500;
const STRIDE_MS = 5;
const PATIENCE_MS = 60_000;
const LINES_SHOWN = 60;
