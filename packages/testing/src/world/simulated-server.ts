import { type DataTree, SnapshotImage } from '@corral/datatree';
import { PersistenceError, type PersistenceErrorCode, type Storage } from '@corral/persistence';
import type { QuorumConfig, Zxid } from '@corral/protocol';
import { collectingMetrics, type LogFields, type Logger, type LogLevel, type Random } from '@corral/runtime';
import {
  type ConfigStore,
  type MemberProbe,
  type Server,
  type ServerConfig,
  startServer,
} from '@corral/server';
import type { MemberEvidence, MemberRole } from '../invariant.ts';
import type { CommittedHistory } from './committed-history.ts';
import { DiskWeather } from './disk-weather.ts';
import { DurableRecord, type LoggedEntry } from './durable-record.ts';
import type { Medium } from './medium.ts';
import { type Machine, SimulatedProcess } from './process.ts';
import { WatchedStorage } from './watched-storage.ts';
import type { World } from './world.ts';

export interface SimulatedServerOptions {
  readonly world: World;
  readonly sid: number;
  readonly committed: CommittedHistory;
  readonly medium: (weather: DiskWeather) => Medium;
  readonly random: Random;
  /** How fast its clocks run: 1 is right. */
  readonly rate: number;
  /** What its files say. @param kept the configurations it has kept, where it has @param wasWiped its disk was replaced once */
  readonly config: (kept: KeptConfigs | undefined, wasWiped: boolean) => ServerConfig;
  readonly passwordKey: Uint8Array;
  readonly log: (sid: number, level: LogLevel, message: string, fields: LogFields) => void;
  /** The process ended by itself: somebody may start it again. */
  readonly onEnd: (server: SimulatedServer) => void;
  /** What its disk has cannot be used. */
  readonly onRefusal: (server: SimulatedServer, error: PersistenceError) => void;
}

export interface KeptConfigs {
  readonly quorum: QuorumConfig | undefined;
  readonly lastSeenQuorum: QuorumConfig | undefined;
}

/** A server of the ensemble, over all lives of its process: a machine, a disk, and what is known of both. */
export class SimulatedServer implements MemberEvidence {
  readonly sid: number;
  readonly host: string;
  readonly durable: DurableRecord = new DurableRecord();
  readonly weather: DiskWeather;
  readonly machine: Machine;
  serving: { readonly role: MemberRole; readonly epoch: number; readonly tree: DataTree } | undefined =
    undefined;
  readonly #o: SimulatedServerOptions;
  readonly #medium: Medium;
  #kept: KeptConfigs | undefined = undefined;
  #wasWiped = false;
  /** Where its history ended when it went into its last election. */
  #votedZxid = 0;
  #process: SimulatedProcess | undefined = undefined;
  #server: Server | undefined = undefined;

  constructor(options: SimulatedServerOptions) {
    const { world, sid, random, rate } = options;
    this.#o = options;
    this.sid = sid;
    this.host = `s${sid}`;
    this.machine = { name: this.host, wallOffsetMs: 0, rate };
    this.weather = new DiskWeather(world.clock, random);
    this.weather.onCrash = () => this.die();
    this.#medium = options.medium(this.weather);
  }

  get isUp(): boolean {
    return this.#process !== undefined;
  }

  get isStopped(): boolean {
    return this.#process?.isStopped === true;
  }

  start(): void {
    if (this.isUp) return;
    const { world } = this.#o;
    const process = new SimulatedProcess(
      this.machine,
      world.clock,
      world.network.transport(this.host),
      world.trace,
    );
    this.#process = process;
    this.weather.process = process;
    world.trace.note('start', this.host);
    this.#boot(process).catch((error: unknown) => process.run(() => this.#failed(error)));
  }

  /** The process dies, the machine goes on. */
  die(): void {
    if (!this.#end('dies')) return;
    this.#medium.afterDeath();
    this.#o.onEnd(this);
  }

  /** The machine loses its power. */
  cutPower(): void {
    if (!this.#end('loses power')) return;
    this.#medium.afterPowerLoss(this.#o.random);
    this.#o.onEnd(this);
  }

  /** It is asked to stop, and does when it is ready. */
  shutDown(): void {
    const server = this.#server;
    const process = this.#process;
    if (server === undefined || process === undefined) return this.die();
    this.#o.world.trace.note('shuts down', this.host);
    server.close().then(
      () => process.run(() => this.die()),
      () => process.run(() => this.die()),
    );
  }

  stop(): void {
    this.#process?.stop();
    this.#o.world.network.stall(this.host);
    this.#o.world.trace.note('stops', this.host);
  }

  go(): void {
    this.#o.world.trace.note('goes on', this.host);
    this.#o.world.network.unstall(this.host);
    this.#process?.go();
  }

  /** Only while no process runs. */
  wipe(): void {
    this.#o.world.trace.note('wiped', this.host);
    this.#medium.wipe();
    this.durable.wipe();
    this.#wasWiped = true;
    this.#o.world.coverage.add('disks replaced');
    this.#o.world.tell((checks) => checks.onWiped?.(this));
  }

  /** Before its first life: what its disk has. */
  async prepare(tree: DataTree, epoch: number): Promise<void> {
    const storage = await this.#medium.open();
    const { snapshots, epochs } = storage;
    const image = new SnapshotImage(tree);
    const sink = await snapshots.create(image.zxid);
    for (let chunk = image.next(CHUNK_BYTES); chunk !== undefined; chunk = image.next(CHUNK_BYTES))
      await sink.write(chunk);
    await sink.commit({ digest: image.digest, lastProcessedZxid: image.zxid });
    await epochs.setAccepted(epoch);
    await epochs.setCurrent(epoch);
    await storage.close();
  }

  /** Flips a bit on its disk. */
  rot(): Promise<string | undefined> {
    return this.#medium.rot(this.#o.random);
  }

  #looking(tree: DataTree, lastZxid: Zxid | undefined, epoch: number): void {
    const { world } = this.#o;
    this.serving = undefined;
    this.#votedZxid = lastZxid ?? 0;
    world.trace.note('looks', this.host, lastZxid ?? -1, epoch);
    world.coverage.add('elections');
    world.tell((checks) => checks.onLooking?.(this, tree, lastZxid, epoch));
  }

  #proposed(zxid: Zxid): void {
    this.#o.world.tell((checks) => checks.onProposed?.(this, zxid));
  }

  #acknowledged(zxid: Zxid, isNewLeader: boolean): void {
    this.#o.world.tell((checks) => checks.onAcknowledged?.(this, zxid, isNewLeader));
  }

  #committed(zxid: Zxid): void {
    // What a learner is told before it serves is its leader's opinion until a quorum follows.
    if (this.serving === undefined) return;
    if (this.serving.role === 'leader')
      this.#commit(this.#loggedAbove(this.#o.committed.lastZxid).filter((entry) => entry.zxid <= zxid));
    const entry = this.durable.find(zxid);
    this.#o.world.tell((checks) => checks.onDelivered?.(this, entry, zxid));
  }

  #synchronised(by: 'DIFF' | 'TRUNC' | 'SNAP'): void {
    this.#o.world.coverage.add(`synchronised by ${by}`);
    this.#o.world.trace.note(by, this.host);
    this.#o.world.tell((checks) => checks.onSynchronised?.(this, by));
  }

  #serves(role: MemberRole, epoch: number, tree: DataTree): void {
    const { world } = this.#o;
    this.serving = { role, epoch, tree };
    world.trace.note(role, this.host, epoch, tree.lastProcessedZxid);
    world.coverage.add(`terms as ${role}`);
    world.tell((checks) => checks.onServing?.(this, role, epoch, tree));
    if (role !== 'leader') return;
    // A quorum has the whole history of a new leader: that is committed now, too. Some of it may be in a snapshot only.
    this.#commit(this.#o.committed.upTo(this.#votedZxid, this.#loggedAbove(this.#o.committed.lastZxid)));
    this.#o.committed.forgetOffers(epoch * 0x1_0000_0000);
  }

  #loggedAbove(zxid: number): LoggedEntry[] {
    const { entries } = this.durable;
    let first = entries.length;
    while (first > 0 && entries[first - 1]!.zxid > zxid) first--;
    return entries.slice(first);
  }

  #commit(entries: readonly LoggedEntry[]): void {
    const { world, committed } = this.#o;
    for (const entry of entries) {
      const { committed: done, txn } = committed.append(entry, world.clock.monotonic());
      world.coverage.add('transactions');
      world.tell((checks) => checks.onCommitted?.(done, txn, this, committed.config));
    }
  }

  async #boot(process: SimulatedProcess): Promise<void> {
    const { world, random, config, passwordKey } = this.#o;
    const inner = await process.eventually(this.#medium.open());
    await this.#reopened(process, inner);
    const storage = new WatchedStorage(
      inner,
      process,
      this.durable,
      {
        known: (zxid) => this.#o.committed.logged(zxid),
        onAppended: (entry) => this.#o.committed.offer(entry),
        onForgotten: (entries) => world.tell((checks) => checks.onForgotten?.(this, entries)),
        onEpoch: () => world.tell((checks) => checks.onEpoch?.(this)),
      },
      world.trace,
      this.host,
    );
    const server = await process.eventually(
      startServer({
        config: config(this.#kept, this.#wasWiped),
        runtime: { clock: process.clock, random, digests: world.digests },
        transport: process.transport,
        storage,
        logger: this.#logger(process),
        metrics: collectingMetrics(),
        sessionPasswordKey: passwordKey,
        configStore: this.#configStore,
        probe: this.#probe(process),
      }),
    );
    this.#server = server;
    void server.failed.then((error) => process.run(() => this.#failed(error)));
  }

  async #reopened(process: SimulatedProcess, storage: Storage): Promise<void> {
    const { durable } = this;
    const before = { syncedZxid: durable.syncedZxid, snapshotZxid: durable.snapshotZxid };
    const newest = (await process.eventually(storage.snapshots.list()))[0];
    durable.truncate(storage.log.lastZxid);
    durable.syncedZxid = storage.log.lastZxid;
    durable.snapshotZxid = newest?.zxid ?? 0;
    durable.acceptedEpoch = storage.epochs.accepted ?? -1;
    durable.currentEpoch = storage.epochs.current ?? -1;
    const { world } = this.#o;
    world.trace.note('reopened', this.host, durable.syncedZxid, durable.snapshotZxid);
    world.coverage.add('repairs at the opening', storage.state.repairs.length);
    world.tell((checks) => checks.onReopened?.(this, before));
  }

  /** A process that has died tells nobody anything. */
  #probe(process: SimulatedProcess): MemberProbe {
    const alive = (): boolean => !process.isDead;
    return {
      looking: (tree, lastZxid, epoch) => alive() && this.#looking(tree, lastZxid, epoch),
      proposed: (zxid) => alive() && this.#proposed(zxid),
      acknowledged: (zxid, isNewLeader) => alive() && this.#acknowledged(zxid, isNewLeader),
      committed: (zxid) => alive() && this.#committed(zxid),
      serving: (role, epoch, tree) => alive() && this.#serves(role, epoch, tree),
      synchronised: (by) => alive() && this.#synchronised(by),
    };
  }

  #end(how: string): boolean {
    const process = this.#process;
    if (process === undefined) return false;
    const { world } = this.#o;
    if (process.isStopped) world.network.unstall(this.host);
    process.kill();
    this.#process = this.#server = this.serving = undefined;
    this.weather.effectsToCrash = -1;
    this.weather.syncsToFail = 0;
    world.network.cutPower(this.host);
    world.trace.note(how, this.host);
    return true;
  }

  #failed(error: unknown): void {
    const { world, onRefusal } = this.#o;
    world.trace.note('stops by itself', this.host);
    world.coverage.add('servers that stopped by themselves');
    this.die();
    if (error instanceof PersistenceError && !EXPECTED.has(error.code)) onRefusal(this, error);
    else if (!(error instanceof PersistenceError))
      world.violated(
        'no-unexpected-failure',
        'A server stops by itself only for its disk.',
        `server ${this.sid}: ${String(error instanceof Error ? error.stack : error)}`,
      );
  }

  get #configStore(): ConfigStore {
    return {
      proposed: (lastSeenQuorum) => (this.#kept = { quorum: this.#kept?.quorum, lastSeenQuorum }),
      activated: (quorum, newestVersion) =>
        (this.#kept = {
          quorum,
          lastSeenQuorum: newestVersion === quorum.version ? undefined : this.#kept?.lastSeenQuorum,
        }),
    };
  }

  #logger(process: SimulatedProcess): Logger {
    const { log } = this.#o;
    const at =
      (level: LogLevel) =>
      (fields: LogFields, message: string): void => {
        if (process.isDead) return;
        if (message.includes(FROM_DISK)) this.#o.world.coverage.add('synchronised by the log on disk');
        log(this.sid, level, message, fields);
      };
    const logger: Logger = {
      isEnabled: () => true,
      trace: at('trace'),
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: () => logger,
    };
    return logger;
  }
}

const CHUNK_BYTES = 1 << 16;
/** What a disk does that fails, or is full, and the end of whoever used it. */
const EXPECTED: ReadonlySet<PersistenceErrorCode> = new Set(['IO', 'NO_SPACE', 'CLOSED']);
/** What a leader says when it sends a learner what it has in memory no more. */
const FROM_DISK = 'part of the log on disk';
