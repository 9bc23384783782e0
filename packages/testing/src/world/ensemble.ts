import { DataTree } from '@corral/datatree';
import { QuorumConfig, type Zxid, ZXID_NONE, zxidOf } from '@corral/protocol';
import type { LogFields, LogLevel, Random } from '@corral/runtime';
import {
  defaultEnsembleConfig,
  defaultServerConfig,
  type EnsembleConfig,
  type ServerConfig,
} from '@corral/server';
import type { Operation } from '../history.ts';
import type { SimulatedClient } from '../clients/simulated-client.ts';
import { CommittedHistory } from './committed-history.ts';
import { DiskBacked, MemoryBacked, type OpenOnDisk } from './medium.ts';
import { type KeptConfigs, SimulatedServer } from './simulated-server.ts';
import type { World } from './world.ts';

export interface EnsembleOptions {
  readonly world: World;
  readonly servers: number;
  readonly observers: number;
  readonly driftPercent: number;
  readonly openOnDisk: OpenOnDisk | undefined;
  readonly config: Partial<ServerConfig>;
  readonly ensemble: Partial<EnsembleConfig>;
  readonly nearRolloverPercent: number;
  readonly log: (sid: number, level: LogLevel, message: string, fields: LogFields) => void;
}

/** All servers, and who starts them again. */
export class Ensemble {
  readonly servers: readonly SimulatedServer[];
  readonly committed: CommittedHistory;
  /** Filled by whoever makes clients. */
  readonly clients: SimulatedClient[] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #downUntil: Map<SimulatedServer, number> = new Map();
  /** Has a disk with a flipped bit, found or not: one server at most. */
  #rotten: SimulatedServer | undefined = undefined;
  #removed: SimulatedServer | undefined = undefined;
  readonly #startZxid: Zxid = ZXID_NONE;
  readonly #voters: number;
  /** Its limits, a tick for each side to notice it, and what slow clocks add. */
  readonly leaderlessMaxMs: number;

  constructor(options: EnsembleOptions) {
    const { world, servers, observers, driftPercent, openOnDisk, log, nearRolloverPercent } = options;
    this.#world = world;
    this.#random = world.random();
    this.#voters = servers;
    const sids = Array.from({ length: servers + observers }, (_, i) => i + 1);
    const text = sids.map((sid) => this.#line(sid)).join('\n');
    const quorum = QuorumConfig.parse(text);
    const isNearRollover = this.#random.below(100) < nearRolloverPercent;
    if (isNearRollover) this.#startZxid = zxidOf(1, COUNTER_MAX - this.#random.below(ROLLOVER_WITHIN));
    this.committed = new CommittedHistory(quorum, this.#startZxid);
    const config = configOf(options, quorum, this.#random, (sid) => this.#line(sid, 'observer'));
    const { tickTime, ensemble } = config(1, undefined, false);
    this.leaderlessMaxMs =
      tickTime * (Math.max(ensemble!.initLimit, ensemble!.syncLimit) + 2) * SLOW_CLOCK + SAMPLED_MS;
    const passwordKey = new Uint8Array(16).fill(7);
    this.servers = sids.map(
      (sid) =>
        new SimulatedServer({
          world,
          sid,
          committed: this.committed,
          medium: (weather) =>
            openOnDisk === undefined ? new MemoryBacked(weather) : new DiskBacked(weather, openOnDisk),
          random: world.random(),
          rate: 1 + (this.#random.below(2 * driftPercent * 10 + 1) - driftPercent * 10) / 1000,
          config: (kept, wasWiped) => config(sid, kept, wasWiped),
          passwordKey,
          log,
          onEnd: (server) => this.#startLater(server),
          onRefusal: (server, error) => this.#refused(server, error),
        }),
    );
  }

  get leader(): SimulatedServer | undefined {
    return this.servers.find(({ serving }) => serving?.role === 'leader');
  }

  get isServing(): boolean {
    return this.servers.every(({ serving }) => serving !== undefined);
  }

  /** Everybody serves and has everything that was committed. */
  get isLevel(): boolean {
    const { lastZxid } = this.committed;
    return this.servers.every(({ serving }) => {
      const zxid = serving?.tree.lastProcessedZxid ?? -1;
      return zxid === lastZxid || (zxid > lastZxid && zxid % EPOCH === 0);
    });
  }

  async start(): Promise<void> {
    if (this.#startZxid !== ZXID_NONE) await this.#begin(this.#startZxid);
    for (const server of this.servers) server.start();
  }

  /** As if an epoch had gone on for long: its counter is near its end. */
  async #begin(zxid: Zxid): Promise<void> {
    this.#world.coverage.add('starts near the end of a counter');
    const tree = new DataTree({
      digestEnabled: true,
      extendedTypesEnabled: false,
      emulate353TTLNodes: false,
      hashSeed: [1, 2],
    });
    tree.lastProcessedZxid = zxid;
    for (const server of this.servers) await server.prepare(tree, 1);
  }

  /** It is not started again before that. */
  keepDown(server: SimulatedServer, ms: number): void {
    this.#downUntil.set(server, this.#world.clock.monotonic() + ms);
  }

  /** Whether everything committed survives the loss of that disk, whichever quorum comes next. */
  canSpare(server: SimulatedServer): boolean {
    if (this.#rotten !== undefined && this.#rotten !== server) return false;
    if (this.committed.config.voters.size < this.#voters) return false;
    const { lastZxid } = this.committed;
    const voters = this.servers.filter(({ sid }) => sid <= this.#voters);
    // Nothing is under way whose acknowledgements may count on that disk.
    if (voters.some(({ durable }) => durable.lastZxid > lastZxid)) return false;
    const lacking = voters.filter((other) => other !== server && other.durable.durableZxid < lastZxid);
    const quorum = Math.floor(voters.length / 2) + 1;
    return lacking.length <= quorum - 2;
  }

  /** A bit flips on its disk: while it is dead for a moment, or while it runs. */
  rot(server: SimulatedServer, isAtRest: boolean): void {
    this.#rotten = server;
    if (isAtRest) {
      this.keepDown(server, 3000);
      server.die();
    }
    server.rot().then(
      (hit) => this.#world.trace.note(hit === undefined ? 'nothing to rot' : `rotten: ${hit}`, server.host),
      (error: unknown) => this.#world.violated('simulator', 'Bits can be flipped.', String(error)),
    );
    this.#world.clock.after(ROT_MS, () => this.#replaceDisk(server));
  }

  /** An operator does, who sees what the server has not found. */
  #replaceDisk(server: SimulatedServer): void {
    if (this.#rotten !== server) return;
    server.die();
    if (!this.#wipe(server)) this.#world.clock.after(ROT_MS, () => this.#replaceDisk(server));
  }

  /** Its server is dead. False where that disk may be needed, damaged as it is. */
  #wipe(server: SimulatedServer): boolean {
    if (!this.canSpare(server)) return false;
    server.wipe();
    this.#rotten = undefined;
    return true;
  }

  /** One voter is to leave, or the one that left is to come back. */
  reconfigure(): void {
    if (this.#voters < 5) return;
    const server = this.servers[this.#random.below(this.#voters)]!;
    if (this.#removed !== undefined) this.#removed = undefined;
    else if (server !== this.#rotten) this.#removed = server;
  }

  /** All are to be members again. */
  reunite(): void {
    this.#removed = undefined;
  }

  /** What an operator has to ask for; undefined where all are members who are to be. */
  get wantedReconfiguration(): Operation | undefined {
    const { voters } = this.committed.config;
    for (const server of this.servers.slice(0, this.#voters)) {
      const isMember = voters.has(server.sid);
      if (isMember && server === this.#removed)
        return { op: 'reconfig', joining: '', leaving: String(server.sid) };
      if (!isMember && server !== this.#removed)
        return { op: 'reconfig', joining: this.#line(server.sid), leaving: '' };
    }
    return undefined;
  }

  #startLater(server: SimulatedServer): void {
    const { clock } = this.#world;
    const wait = Math.max(
      200 + this.#random.below(4000),
      (this.#downUntil.get(server) ?? 0) - clock.monotonic(),
    );
    clock.after(wait, () => server.start());
  }

  #refused(server: SimulatedServer, error: Error): void {
    this.#world.coverage.add('disks refused');
    if (server !== this.#rotten)
      this.#world.violated(
        'usable-disks',
        'A disk on which no bit flipped is never refused.',
        `server ${server.sid}: ${error.stack}`,
      );
    else this.#wipe(server);
  }

  #line(sid: number, role = sid <= this.#voters ? 'participant' : 'observer'): string {
    return `server.${sid}=s${sid}:2888:3888:${role};2181`;
  }
}

function configOf(
  { config, ensemble }: EnsembleOptions,
  quorum: QuorumConfig,
  random: Random,
  lineOf: (sid: number) => string,
): (sid: number, kept: KeptConfigs | undefined, wasWiped: boolean) => ServerConfig {
  // Rare choices that are all legal: small thresholds reach in minutes what large ones reach in weeks.
  const chosen = {
    snapCount: 20 + random.below(200),
    commitLogCount: random.below(2) === 0 ? 5 + random.below(60) : 100 + random.below(300),
    snapshotSizeFactor: [0.33, 10, 100, -1][random.below(4)]!,
    forceSnapshotSync: random.below(8) === 0,
  };
  return (sid, kept, wasWiped) => ({
    ...defaultServerConfig,
    serverId: sid,
    clientPort: 2181,
    tickTime: 1000,
    maxClientCnxns: 0,
    snapCount: chosen.snapCount,
    reconfigEnabled: true,
    digestAuth: { enabled: true, algorithm: 'SHA1', superDigest: SUPER_DIGEST },
    ...config,
    ensemble: {
      ...defaultEnsembleConfig,
      initLimit: 5,
      syncLimit: 3,
      commitLogCount: chosen.commitLogCount,
      snapshotSizeFactor: chosen.snapshotSizeFactor,
      forceSnapshotSync: chosen.forceSnapshotSync,
      // Who replaces a disk says so: what was lost with it was somebody's promise (ZOOKEEPER-261).
      dbAutocreate: !wasWiped,
      quorum: withSelf(kept?.quorum ?? quorum, sid, lineOf),
      lastSeenQuorum: kept?.lastSeenQuorum,
      ...ensemble,
    },
  });
}

/** An operator lets a server that was left out come as an observer until it is taken in again. */
function withSelf(quorum: QuorumConfig, sid: number, lineOf: (sid: number) => string): QuorumConfig {
  return quorum.servers.has(sid) ? quorum : QuorumConfig.parse(`${lineOf(sid)}\n${quorum.toString()}`);
}

/** Of super:test. */
const SUPER_DIGEST = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
const EPOCH = 0x1_0000_0000;
const ROT_MS = 60_000;
const SLOW_CLOCK = 1.25;
/** Between two looks, and for what is on its way. */
const SAMPLED_MS = 2000;
const COUNTER_MAX = 0xffff_ffff;
const ROLLOVER_WITHIN = 3000;
