import { MemoryMedium, memoryStorage } from '@corral/persistence/memory';
import { QuorumConfig, ServerState } from '@corral/protocol';
import {
  type Clock,
  collectingMetrics,
  type LogFields,
  type Logger,
  type LogLevel,
  type Runtime,
} from '@corral/runtime';
import { SimulatedRuntime } from '@corral/runtime/simulated';
import type { Transport } from '@corral/transport';
import { memoryNetwork, type MemoryNetwork } from '@corral/transport/memory';
import {
  defaultEnsembleConfig,
  defaultServerConfig,
  type EnsembleConfig,
  type ServerConfig,
} from '../src/config.ts';
import type { ConfigStore } from '../src/config-store.ts';
import type { ElectionResult } from '../src/ensemble/election-port.ts';
import type { Elections, ElectionsOptions } from '../src/ensemble/elections.ts';
import { Member } from '../src/ensemble/member.ts';
import type { ServerOptions } from '../src/server.ts';
import { type HandshakeOptions, TestClient } from './test-client.ts';

export interface MemberLine {
  readonly sid: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Members over memory on one clock that is moved by hand. Who leads is what the test says, or what they find themselves. */
export class EnsembleWorld {
  readonly runtime: SimulatedRuntime;
  readonly network: MemoryNetwork;
  readonly log: MemberLine[] = [];
  readonly members = new Map<number, Member>();
  /** What the dynamic files of each member say. */
  readonly kept = new Map<number, Pick<EnsembleConfig, 'quorum' | 'lastSeenQuorum'>>();
  readonly #media = new Map<number, MemoryMedium>();
  readonly #lives = new Map<number, Life>();
  readonly #quorum: QuorumConfig;
  readonly #config: Partial<ServerConfig>;
  readonly #ensemble: Partial<EnsembleConfig>;
  readonly #looking = new Map<number, (elected: ElectionResult) => void>();
  readonly #voterLooks = new Map<number, (sid: number) => void>();
  readonly #hasRealElections: boolean;
  readonly #initialCounter: (sid: number) => number;
  readonly #options: (sid: number) => Partial<ServerOptions>;
  readonly #clientPorts: readonly number[];
  #leader: number | undefined = undefined;
  #clients = 0;

  constructor(options: {
    readonly size: number;
    readonly observers?: readonly number[];
    readonly config?: Partial<ServerConfig>;
    readonly ensemble?: Partial<EnsembleConfig>;
    readonly seed?: number;
    /** They find their leader themselves. */
    readonly hasRealElections?: boolean;
    /** Where a leader begins to count, each time it comes to lead. */
    readonly initialCounter?: (sid: number) => number;
    /** What a member is given beside. */
    readonly options?: (sid: number) => Partial<ServerOptions>;
    /** Ports for clients beside 2181. */
    readonly clientPorts?: readonly number[];
  }) {
    this.#clientPorts = options.clientPorts ?? [];
    this.#initialCounter = options.initialCounter ?? (() => 0);
    this.#options = options.options ?? (() => ({}));
    this.#hasRealElections = options.hasRealElections ?? false;
    this.runtime = new SimulatedRuntime({ seed: options.seed ?? 1 });
    this.network = memoryNetwork({ clock: this.runtime.clock, random: this.runtime.random });
    const lines: string[] = [];
    for (let sid = 1; sid <= options.size; sid++) {
      const role = options.observers?.includes(sid) === true ? 'observer' : 'participant';
      lines.push(`server.${sid}=s${sid}:2888:3888:${role};2181`);
      this.#media.set(sid, new MemoryMedium());
    }
    this.#quorum = QuorumConfig.parse(lines.join('\n'));
    this.#config = options.config ?? {};
    this.#ensemble = options.ensemble ?? {};
  }

  /** All members, and whom they have elected. */
  static async elected(options: ConstructorParameters<typeof EnsembleWorld>[0]): Promise<EnsembleWorld> {
    const world = new EnsembleWorld({ ...options, hasRealElections: true });
    for (let sid = 1; sid <= options.size; sid++) await world.start(sid);
    await world.serving();
    return world;
  }

  /** All members, and the one that leads. */
  static async led(
    leader: number,
    options: ConstructorParameters<typeof EnsembleWorld>[0],
  ): Promise<EnsembleWorld> {
    const world = new EnsembleWorld(options);
    for (let sid = 1; sid <= options.size; sid++) await world.start(sid);
    world.elect(leader);
    await world.serving();
    return world;
  }

  /** @param ensemble what this member is told otherwise than the others */
  async start(sid: number, ensemble: Partial<EnsembleConfig> = {}): Promise<Member> {
    const storage = await memoryStorage({ medium: this.medium(sid) });
    const life = new Life(this.runtime.clock, this.network.transport(`s${sid}`));
    this.#lives.set(sid, life);
    const member = await this.run(
      Member.start({
        config: {
          ...defaultServerConfig,
          serverId: sid,
          clientPort: 2181,
          tickTime: 200,
          ...this.#config,
          ensemble: {
            ...defaultEnsembleConfig,
            initLimit: 10,
            syncLimit: 5,
            lastSeenQuorum: undefined,
            quorum: this.#quorum,
            ...this.#ensemble,
            ...this.kept.get(sid),
            ...ensemble,
          },
        },
        runtime: { ...partsOf(this.runtime), clock: life.clock },
        transport: life.transport,
        alsoListen: this.#clientPorts.map((port) => ({
          transport: life.transport,
          where: { host: `s${sid}`, port },
        })),
        storage,
        logger: this.#logger(sid, life),
        metrics: collectingMetrics(),
        configStore: this.#configStoreOf(sid),
        initialCounter: () => this.#initialCounter(sid),
        ...this.#options(sid),
        ...(this.#hasRealElections ? {} : { elections: async (options) => this.#electionsOf(sid, options) }),
      }),
    );
    this.members.set(sid, member);
    return member;
  }

  /** From now on this member leads: whoever looks is told so. */
  elect(leader: number | undefined): void {
    this.#leader = leader;
    for (const [sid, tell] of this.#looking) this.#tell(sid, tell);
  }

  /** What the disk of a member has, and can be told to do. */
  medium(sid: number): MemoryMedium {
    let medium = this.#media.get(sid);
    if (medium === undefined) this.#media.set(sid, (medium = new MemoryMedium()));
    return medium;
  }

  /** The disk of a member that is down is replaced by an empty one. */
  wipe(sid: number): void {
    this.#media.delete(sid);
  }

  /** What the disk of a member that is down has now, for `restore`. */
  copyOfDisk(sid: number): MemoryMedium {
    return copyOf(this.medium(sid));
  }

  /** The disk of a member that is down is replaced by one from before. */
  restore(sid: number, medium: MemoryMedium): void {
    this.#media.set(sid, copyOf(medium));
  }

  /** Ends in order. */
  async stop(sid: number): Promise<void> {
    const member = this.members.get(sid)!;
    this.members.delete(sid);
    await this.run(member.close());
  }

  /** The process stands still, as in a long collection of garbage: no timer of it fires, and it reads nothing. */
  stall(sid: number): void {
    this.#lives.get(sid)!.stall();
    this.network.stall(`s${sid}`);
  }

  isStalled(sid: number): boolean {
    return this.#lives.get(sid)!.isStalled;
  }

  /** Its timers come first, then what has come meanwhile is read: the worst order there is. */
  wake(sid: number): void {
    this.#lives.get(sid)!.wake();
    this.network.unstall(`s${sid}`);
  }

  /** Those members, and nobody else, reach each other; clients reach all. */
  isolate(...sids: number[]): void {
    for (const one of this.#media.keys())
      for (const other of this.#media.keys())
        if (sids.includes(one) && !sids.includes(other)) this.network.partition(`s${one}`, `s${other}`);
  }

  /** Where the test elects: a member hears that a voter looks. */
  hearLooking(sid: number, voter: number): void {
    this.#voterLooks.get(sid)!(voter);
  }

  /** The process dies; what its disk has synced stays. */
  crash(sid: number): void {
    this.#lives.get(sid)!.end();
    this.network.cutPower(`s${sid}`);
    this.#media.get(sid)!.crash();
    this.members.delete(sid);
    this.#looking.delete(sid);
  }

  /** Lets time pass until those members serve; all of them where none is named. */
  async serving(...sids: number[]): Promise<void> {
    const wanted = sids.length > 0 ? sids : [...this.members.keys()];
    for (let waitedMs = 0; ; waitedMs += STEP_MS) {
      if (wanted.every((sid) => this.members.get(sid)!.view.isServing)) return;
      if (waitedMs > PATIENCE_MS) throw new Error(`they do not serve:\n${this.story()}`);
      await this.pass(STEP_MS);
    }
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.clock.until(promise);
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.clock.advanceAsync(ms);
  }

  client(sid: number, options: HandshakeOptions = {}): Promise<TestClient> {
    return this.run(this.connect(sid, options));
  }

  /** The same for whoever lets the time pass. */
  async connect(sid: number, options: HandshakeOptions = {}, port = 2181): Promise<TestClient> {
    const from = this.network.transport(`client-${++this.#clients}`);
    const client = await TestClient.dial(from, port, { host: `s${sid}` });
    await client.handshake(options);
    return client;
  }

  /** Members whose tree is not that of the first, once all have had the time to apply everything. */
  async differences(): Promise<number[]> {
    await this.pass(500);
    const [first, ...others] = [...this.members].map(([sid, { view }]) => ({
      sid,
      figures: [...view.metrics()]
        .filter(({ name }) => COMPARED.has(name))
        .map(({ name, value }) => `${name} ${value}`)
        .join(),
    }));
    return others.filter(({ figures }) => figures !== first!.figures).map(({ sid }) => sid);
  }

  lines(message: string): MemberLine[] {
    return this.log.filter((line) => line.message.includes(message));
  }

  story(): string {
    return this.log
      .map(({ sid, level, message, fields }) => {
        const error = fields['error'];
        const shown = error instanceof Error ? { ...fields, error: error.stack } : fields;
        return `${sid} ${level} ${message} ${JSON.stringify(shown, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`;
      })
      .join('\n');
  }

  #configStoreOf(sid: number): ConfigStore {
    return {
      proposed: (lastSeenQuorum) => {
        const quorum = this.kept.get(sid)?.quorum ?? this.#quorum;
        this.kept.set(sid, { quorum, lastSeenQuorum });
      },
      activated: (quorum, newestVersion) => {
        const lastSeenQuorum =
          newestVersion === quorum.version ? undefined : this.kept.get(sid)?.lastSeenQuorum;
        this.kept.set(sid, { quorum, lastSeenQuorum });
      },
    };
  }

  #electionsOf(sid: number, { onVoterLooks }: ElectionsOptions): Elections {
    this.#voterLooks.set(sid, onVoterLooks);
    return {
      look: () =>
        new Promise((resolve) => {
          this.#looking.set(sid, resolve);
          this.#tell(sid, resolve);
        }),
      established: () => {},
      config: async () => {},
      oracle: () => {},
      close: async () => void this.#looking.delete(sid),
    };
  }

  #tell(sid: number, tell: (elected: ElectionResult) => void): void {
    if (this.#leader === undefined) return;
    this.#looking.delete(sid);
    const isObserver = this.#quorum.observers.has(sid);
    const own = isObserver ? ServerState.OBSERVING : ServerState.FOLLOWING;
    const vote = { leader: this.#leader, zxid: 0, electionEpoch: 1, peerEpoch: 0 };
    tell({ vote, state: sid === this.#leader ? ServerState.LEADING : own });
  }

  #logger(sid: number, life: Life): Logger {
    const at =
      (level: LogLevel) =>
      (fields: LogFields, message: string): void => {
        if (!life.isOver) this.log.push({ sid, level, message, fields });
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

/** Entries and snapshots are never changed once they are there. */
function copyOf({ durable }: MemoryMedium): MemoryMedium {
  const copy = new MemoryMedium();
  copy.durable.segments = durable.segments.map(({ name, entries }) => ({ name, entries: [...entries] }));
  copy.durable.snapshots = new Map(durable.snapshots);
  copy.durable.accepted = durable.accepted;
  copy.durable.current = durable.current;
  return copy;
}

function partsOf({ random, digests }: SimulatedRuntime): Pick<Runtime, 'random' | 'digests'> {
  return { random, digests };
}

/** A process, from its start to its death: after that, nothing of it is called again and nothing it does has an effect. */
class Life {
  readonly clock: Clock;
  readonly transport: Transport;
  isOver = false;
  /** What fell due while it stands still, each once. */
  #stalled: Set<() => void> | undefined = undefined;

  constructor(clock: Clock, transport: Transport) {
    const alive =
      (callback: () => void): (() => void) =>
      () => {
        if (this.isOver) return;
        if (this.#stalled === undefined) callback();
        else this.#stalled.add(callback);
      };
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, callback) => clock.after(ms, alive(callback)),
      every: (ms, callback) => clock.every(ms, alive(callback)),
      defer: (callback) => clock.defer(alive(callback)),
    };
    const dead = (): Promise<never> => new Promise(() => {});
    this.transport = {
      listen: (options, accept) => (this.isOver ? dead() : transport.listen(options, accept)),
      connect: (options, open) => (this.isOver ? dead() : transport.connect(options, open)),
    };
  }

  end(): void {
    this.isOver = true;
  }

  get isStalled(): boolean {
    return this.#stalled !== undefined;
  }

  stall(): void {
    this.#stalled ??= new Set();
  }

  wake(): void {
    const due = this.#stalled;
    this.#stalled = undefined;
    for (const callback of due ?? []) callback();
  }
}

const COMPARED = new Set([
  'znode_count',
  'ephemerals_count',
  'approximate_data_size',
  'digest_mismatches_count',
]);
const STEP_MS = 20;
const PATIENCE_MS = 60_000;
