import type { EnsembleConfig, ServerConfig } from '@corral/server';
import type { LogFields, LogLevel } from '@corral/runtime';
import { standardInvariants } from './checks/standard-invariants.ts';
import { type ClientCounters, SimulatedClient } from './clients/simulated-client.ts';
import { type ClientScript, standardWorkload, type Workload } from './clients/workload.ts';
import type { CommittedTransaction } from './checker/committed.ts';
import type { HistorySink } from './history.ts';
import type { Invariant } from './invariant.ts';
import { requireStorm, standardStorm, type Storm } from './storm.ts';
import { committedTransaction } from './world/committed-transaction.ts';
import { Ensemble } from './world/ensemble.ts';
import { Injector } from './world/injector.ts';
import type { OpenOnDisk } from './world/medium.ts';
import { type Violation, World } from './world/world.ts';

export interface SimulationOptions {
  /** Everything random follows from it: an integer from 0 to 2^39. */
  readonly seed: number;
  /** Voters. Default 3. */
  readonly servers?: number;
  /** Default 0. */
  readonly observers?: number;
  /** Default 8. */
  readonly clients?: number;
  /** Default: `standardStorm`. */
  readonly storm?: Storm;
  /** The only faults of the storm that strike: `deaths:3` is the third of its kind. Default: all. */
  readonly onlyFaults?: readonly string[];
  /** How long the storm lasts, in simulated hours. Default 0.1. */
  readonly hours?: number;
  readonly workload?: Workload;
  /** Default: all that this package has. */
  readonly invariants?: readonly Invariant[];
  /** Opens the storage of a server on a simulated disk. Default: the memory storage. */
  readonly storage?: OpenOnDisk;
  /** Milliseconds, as clients ask for it. Default 6000. */
  readonly sessionTimeoutMs?: number;
  /** What servers are told otherwise. Default: ticks of a second, thresholds small and chosen by the seed. */
  readonly config?: Partial<ServerConfig>;
  readonly ensemble?: Partial<EnsembleConfig>;
  readonly history?: HistorySink;
  /** Is told of every transaction that concerns nodes when it is committed: `checkHistory` has nothing to guess then. */
  readonly committed?: (transaction: CommittedTransaction) => void;
  /** What servers say. */
  readonly log?: (sid: number, level: LogLevel, message: string, fields: LogFields) => void;
  /** Called now and then; how far the storm is, from 0 to 1. */
  readonly progress?: (part: number, simulation: SimulationResult) => void;
}

export interface SimulationResult {
  readonly seed: number;
  /** The first thing that was wrong; undefined where all was well. */
  readonly violation: Violation | undefined;
  /** Of everything that happened: the same for the same options, wherever it runs. */
  readonly hash: string;
  readonly steps: number;
  /** Simulated. */
  readonly hours: number;
  readonly acknowledged: number;
  readonly faults: number;
  /** Which, in order: what `onlyFaults` takes. */
  readonly struck: readonly string[];
  /** How often what happened: elections, kinds of synchronisation, each kind of fault. */
  readonly coverage: Readonly<Record<string, number>>;
}

/**
 * Runs a whole ensemble with its clients through a storm, then lets everything heal, and says what was wrong.
 * Rejects for options that make no sense only (`RangeError`, naming the field).
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  requireOptions(options);
  const simulation = new Simulation(options);
  await simulation.run();
  return simulation.result;
}

class Simulation {
  readonly #o: SimulationOptions;
  readonly #world: World;
  readonly #ensemble: Ensemble;
  readonly #clients: SimulatedClient[] = [];
  readonly #injector: Injector;
  readonly #counters: ClientCounters = { connections: 0, arrivals: 0, answered: 0 };

  constructor(options: SimulationOptions) {
    this.#o = options;
    const {
      seed,
      servers = 3,
      observers = 0,
      storm = standardStorm,
      invariants = standardInvariants,
    } = options;
    const { latency, chunkBytesMax, driftPercent, nearRolloverPercent } = storm;
    this.#world = new World(seed, chunkBytesMax === 0 ? { latency } : { latency, chunkBytesMax });
    this.#ensemble = new Ensemble({
      world: this.#world,
      servers,
      observers,
      driftPercent,
      nearRolloverPercent,
      openOnDisk: options.storage,
      config: options.config ?? {},
      ensemble: options.ensemble ?? {},
      log: options.log ?? (() => {}),
    });
    this.#injector = new Injector(this.#world, this.#ensemble, storm, options.onlyFaults);
    this.#world.watch(invariants, {
      now: () => this.#world.clock.monotonic(),
      leaderlessMaxMs: this.#ensemble.leaderlessMaxMs,
      committed: this.#ensemble.committed,
      members: new Map(this.#ensemble.servers.map((server) => [server.sid, server])),
      clients: this.#clients,
    });
    const { committed } = options;
    if (committed === undefined) return;
    this.#world.listen({
      onCommitted: (_, txn) => {
        const transaction = committedTransaction(txn);
        if (transaction !== undefined) committed(transaction);
      },
    });
  }

  get result(): SimulationResult {
    const { violation, trace, clock, coverage, struck } = this.#world;
    return {
      seed: this.#o.seed,
      violation,
      hash: trace.hash,
      steps: trace.steps,
      hours: clock.monotonic() / HOUR_MS,
      acknowledged: this.#counters.answered,
      faults: coverage.get('faults'),
      struck,
      coverage: coverage.toRecord(),
    };
  }

  async run(): Promise<void> {
    await this.#ensemble.start();
    if (!(await this.#until(() => this.#ensemble.isServing, 'a new ensemble serves'))) return;
    this.#meetClients();
    this.#injector.begin();
    const sampling = this.#world.clock.every(SAMPLE_MS, () => this.#sample());
    const endMs = this.#world.clock.monotonic() + (this.#o.hours ?? DEFAULT_HOURS) * HOUR_MS;
    await this.#pass(endMs);
    this.#injector.end();
    sampling.cancel();
    if (!this.#isOver) await this.#calm();
    for (const client of this.#clients) client.end();
  }

  get #isOver(): boolean {
    return this.#world.violation !== undefined;
  }

  #meetClients(): void {
    const { clients = 8, workload = standardWorkload, sessionTimeoutMs = 6000, history = () => {} } = this.#o;
    const servers = this.#ensemble.servers.map(({ host }) => host);
    for (let client = 1; client <= clients + 1; client++) {
      const isAdmin = client > clients;
      const random = this.#world.random();
      const script = isAdmin ? this.#adminScript : workload(client, random);
      const simulated = new SimulatedClient({
        world: this.#world,
        client,
        script,
        random,
        sessionTimeoutMs,
        servers,
        history,
        counters: this.#counters,
        ...(script.auth === undefined ? {} : { auth: script.auth }),
      });
      this.#clients.push(simulated);
      if (!isAdmin) this.#ensemble.clients.push(simulated);
    }
  }

  /** One more client asks for the reconfigurations, and otherwise for nothing. */
  get #adminScript(): ClientScript {
    const ensemble = this.#ensemble;
    return {
      auth: ['digest', 'super:test'],
      next() {
        const wanted = ensemble.wantedReconfiguration;
        return wanted === undefined ? [] : [wanted];
      },
      pauseMs: () => 1000,
    };
  }

  async #pass(endMs: number): Promise<void> {
    const { clock } = this.#world;
    const beginMs = clock.monotonic();
    let toldMs = beginMs;
    while (clock.monotonic() < endMs && !this.#isOver) {
      await clock.advanceAsync(Math.min(STRIDE_MS, endMs - clock.monotonic()));
      if (clock.monotonic() - toldMs < TELL_MS) continue;
      toldMs = clock.monotonic();
      this.#o.progress?.((toldMs - beginMs) / (endMs - beginMs), this.result);
    }
  }

  /** Everything heals: the ensemble must serve again, take writes, and come to one tree. */
  async #calm(): Promise<void> {
    const { committed } = this.#ensemble;
    const before = committed.count;
    this.#ensemble.reunite();
    const isWhole = (): boolean => this.#ensemble.wantedReconfiguration === undefined;
    if (!(await this.#until(isWhole, 'all are members again once all faults are over'))) return;
    if (!(await this.#until(() => this.#ensemble.isServing, 'everybody serves once all faults are over')))
      return;
    if (this.#clients.length > 1)
      if (!(await this.#until(() => committed.count > before, 'writes are taken once all faults are over')))
        return;
    for (const client of this.#clients) client.quiet();
    const isStill = (): boolean => this.#ensemble.isLevel && this.#clients.every(({ isIdle }) => isIdle);
    if (!(await this.#until(isStill, 'all come to one history once all faults are over'))) return;
    this.#world.tell((checks) => checks.onCalm?.());
  }

  async #until(holds: () => boolean, what: string): Promise<boolean> {
    const { clock } = this.#world;
    const limitMs = clock.monotonic() + CALM_MS;
    while (!holds()) {
      if (this.#isOver) return false;
      if (clock.monotonic() > limitMs) {
        this.#world.violated(
          'comes-back',
          'Without faults an ensemble serves, within a stated time.',
          `not within ${CALM_MS} ms: ${what}`,
        );
        return false;
      }
      await clock.advanceAsync(STRIDE_MS);
    }
    return !this.#isOver;
  }

  #sample(): void {
    for (const server of this.#ensemble.servers) {
      const { serving } = server;
      if (serving !== undefined) this.#world.tell((checks) => checks.onSample?.(server, serving.tree));
    }
  }
}

function requireOptions({
  seed,
  servers = 3,
  observers = 0,
  clients = 8,
  hours = 1,
  storm = standardStorm,
}: SimulationOptions): void {
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) throw new RangeError(`seed: ${seed}`);
  if (!Number.isInteger(servers) || servers < 1 || servers > 31) throw new RangeError(`servers: ${servers}`);
  if (!Number.isInteger(observers) || observers < 0 || observers > 31)
    throw new RangeError(`observers: ${observers}`);
  if (!Number.isInteger(clients) || clients < 0 || clients > 1000)
    throw new RangeError(`clients: ${clients}`);
  if (!(hours > 0 && hours <= 100_000)) throw new RangeError(`hours: ${hours}`);
  requireStorm(storm);
}

const HOUR_MS = 3_600_000;
const DEFAULT_HOURS = 0.1;
/** Between two looks at whether a violation has ended the run. */
const STRIDE_MS = 250;
const TELL_MS = 60_000;
const SAMPLE_MS = 1000;
/** After the last fault: an election, a synchronisation, slow back-offs of both, and servers still to be started. */
const CALM_MS = 180_000;
const SEED_MAX = 2 ** 39;
