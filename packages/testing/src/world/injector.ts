import type { Random } from '@corral/runtime';
import type { Storm } from '../storm.ts';
import type { Ensemble } from './ensemble.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { World } from './world.ts';

type FaultName = Exclude<keyof Storm, 'driftPercent' | 'latency' | 'chunkBytesMax'>;

/**
 * Lets the faults of a storm strike, each kind at its own times. Which are fair:
 *
 * - Any number of servers may die, lose power, stand still or be cut off at the same time. Without a quorum nothing is
 *   committed; that is no violation, as long as nothing is lost.
 * - A power loss takes what was not synced, in any selection and in pieces. What a sync has covered stays.
 * - A sync that fails loses what it should have covered, and says so.
 * - Bits flip only on a disk whose server is down, one disk at a time, and only while so many others have everything
 *   committed on theirs that no quorum without that disk can miss any of it. A server that refuses its disk then is
 *   given an empty one, as an operator would.
 * - Links lose nothing within a connection (they are TCP); they stall, end, or stay half-open.
 * - Clocks of machines drift by up to `driftPercent`; wall clocks jump; monotonic ones never do.
 */
export class Injector {
  readonly #world: World;
  readonly #ensemble: Ensemble;
  readonly #storm: Storm;
  readonly #random: Random;
  #isOver = false;

  constructor(world: World, ensemble: Ensemble, storm: Storm) {
    this.#world = world;
    this.#ensemble = ensemble;
    this.#storm = storm;
    this.#random = world.random();
  }

  begin(): void {
    for (const name of Object.keys(this.#faults) as FaultName[]) this.#schedule(name);
  }

  /** No fault strikes any more, and what stands is undone. */
  end(): void {
    this.#isOver = true;
    this.#world.network.heal();
    for (const server of this.#ensemble.servers) {
      if (server.isStopped) server.go();
      server.weather.slownessMs = 0;
      server.weather.syncsToFail = 0;
      server.weather.effectsToCrash = -1;
      server.start();
    }
  }

  /** Intervals are even between none and twice the mean: no logarithm, which engines may compute each its own way. */
  #schedule(name: FaultName): void {
    const perHour = this.#storm[name];
    if (perHour === 0) return;
    const delayMs = this.#random.below(Math.ceil((2 * HOUR_MS) / perHour));
    this.#world.clock.after(delayMs, () => {
      if (this.#isOver) return;
      this.#faults[name]();
      this.#schedule(name);
    });
  }

  readonly #faults: Readonly<Record<FaultName, () => void>> = {
    deaths: () => this.#withServer('death', (server) => server.die()),
    powerLosses: () => this.#withServer('power loss', (server) => server.cutPower()),
    deathsAtEffect: () =>
      this.#withServer('death at an effect', (server) => {
        server.weather.effectsToCrash = this.#random.below(12);
      }),
    blackouts: () => {
      this.#hit('blackout');
      for (const server of this.#ensemble.servers) server.cutPower();
    },
    cleanRestarts: () => this.#withServer('clean restart', (server) => server.shutDown()),
    longAbsences: () =>
      this.#withServer('long absence', (server) => {
        this.#ensemble.keepDown(server, 8000 + this.#random.below(30_000));
        server.die();
      }),
    partitions: () =>
      this.#withPair('partition', (a, b) => {
        this.#world.network.partition(a.host, b.host);
        this.#healLater();
      }),
    oneWayPartitions: () =>
      this.#withPair('one-way partition', (a, b) => {
        this.#world.network.partitionOneWay(a.host, b.host);
        this.#healLater();
      }),
    isolations: () => {
      const leader = this.#ensemble.leader;
      const server = leader !== undefined && this.#random.below(3) > 0 ? leader : this.#anyServer();
      this.#hit('isolation', server);
      for (const other of this.#ensemble.servers)
        if (other !== server) this.#world.network.partition(server.host, other.host);
      // Long enough for the others to elect a leader, and for this one to have logged what they will never see.
      this.#later(4000 + this.#random.below(8000), () => this.#world.network.heal());
    },
    resets: () => this.#withPair('reset', (a, b) => this.#world.network.reset(a.host, b.host)),
    halfOpens: () =>
      this.#withPair('half-open link', (a, b) => {
        // Cut, and the one side gives up without the other hearing of it.
        this.#world.network.partition(a.host, b.host);
        a.die();
        this.#healLater();
      }),
    clientCuts: () => {
      const client = this.#ensemble.clientHosts[this.#random.below(this.#ensemble.clientHosts.length)];
      if (client === undefined) return;
      const server = this.#anyServer();
      this.#hit('client cut off', server);
      this.#world.network.partition(client, server.host);
      this.#healLater();
    },
    stalls: () =>
      this.#withServer('stall', (server) => {
        if (!server.isUp || server.isStopped) return;
        server.stop();
        this.#later(this.#duration(), () => {
          if (server.isStopped) server.go();
        });
      }),
    clockJumps: () =>
      this.#withServer('clock jump', (server) => {
        const unit = this.#random.below(2) === 0 ? DAY_MS : 100;
        server.machine.wallOffsetMs = (this.#random.below(731) - 365) * unit;
      }),
    slowDisks: () =>
      this.#withServer('slow disk', (server) => {
        server.weather.slownessMs = 5 + this.#random.below(this.#random.below(4) === 0 ? 1500 : 100);
        this.#later(this.#duration(), () => (server.weather.slownessMs = 0));
      }),
    failingSyncs: () => this.#withServer('failing sync', (server) => (server.weather.syncsToFail = 1)),
    bitRot: () => {
      const server = this.#anyServer();
      if (!this.#ensemble.canSpare(server)) return;
      this.#hit('bit rot', server);
      this.#ensemble.rot(server);
    },
    reconfigurations: () => {
      this.#hit('reconfiguration');
      this.#ensemble.reconfigure();
    },
  };

  #withServer(what: string, strike: (server: SimulatedServer) => void): void {
    const server = this.#anyServer();
    this.#hit(what, server);
    strike(server);
  }

  #withPair(what: string, strike: (a: SimulatedServer, b: SimulatedServer) => void): void {
    const a = this.#anyServer();
    const b = this.#anyServer();
    if (a === b) return this.#withPair(what, strike);
    this.#hit(what, a);
    strike(a, b);
  }

  #hit(what: string, server?: SimulatedServer): void {
    this.#world.trace.note(`fault: ${what}`, server?.host ?? 'all');
    this.#world.coverage.add(`fault: ${what}`);
    this.#world.coverage.add('faults');
  }

  #anyServer(): SimulatedServer {
    const { servers } = this.#ensemble;
    return servers[this.#random.below(servers.length)]!;
  }

  /** A network heals as a whole: cuts that overlap end together. */
  #healLater(): void {
    this.#later(this.#duration(), () => this.#world.network.heal());
  }

  #later(ms: number, undo: () => void): void {
    this.#world.clock.after(ms, () => {
      if (!this.#isOver) undo();
    });
  }

  #duration(): number {
    return 300 + this.#random.below(this.#random.below(3) === 0 ? 12_000 : 3000);
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
