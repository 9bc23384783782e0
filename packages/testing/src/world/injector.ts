import { CreateMode } from '@corral/protocol';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import type { WriteOperation } from '../history.ts';
import type { Checks } from '../invariant.ts';
import { type FaultName, faultNames, type Storm } from '../storm.ts';
import type { Ensemble } from './ensemble.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { World } from './world.ts';

/**
 * Lets the faults of a storm strike, each kind at its own times. Which are fair:
 *
 * - Any number of servers may die, lose power, stand still or be cut off at the same time. Without a quorum nothing is
 *   committed; that is no violation, as long as nothing is lost.
 * - A power loss takes what was not synced, in any selection and in pieces. What a sync has covered stays.
 * - A sync that fails loses what it should have covered, and says so. A full disk says so, too.
 * - Bits flip on one disk at a time, and only while so many others have everything committed on theirs that no quorum
 *   without that disk can miss any of it. A server that refuses its disk then is given an empty one, as an operator would.
 * - Links lose nothing within a connection (they are TCP); they stall, end, or stay half-open.
 * - Clocks of machines drift by up to `driftPercent`; wall clocks jump; monotonic ones never do.
 */
export class Injector {
  readonly #world: World;
  readonly #ensemble: Ensemble;
  readonly #storm: Storm;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #waiting: Waiting[] = [];
  #values = 0;
  #isOver = false;

  /** @param only the faults that strike, `deaths:3` is the third of its kind; undefined: all */
  constructor(world: World, ensemble: Ensemble, storm: Storm, only: readonly string[] | undefined) {
    this.#world = world;
    this.#ensemble = ensemble;
    this.#storm = storm;
    this.#only = only && new Set(only);
    world.listen(this.#moments);
  }

  begin(): void {
    for (const name of faultNames) this.#schedule(name, 1, this.#world.random());
  }

  /** No fault strikes any more, and what stands is undone. */
  end(): void {
    this.#isOver = true;
    this.#world.network.heal();
    for (const server of this.#ensemble.servers) {
      if (server.isStopped) server.go();
      server.weather.clear();
      server.start();
    }
  }

  /**
   * Intervals are even between none and twice the mean: no logarithm, which engines may compute each its own way. Each
   * kind has its times, and each fault its chance, of its own: the others are the same without it.
   */
  #schedule(name: FaultName, ordinal: number, random: Random): void {
    const perHour = this.#storm[name];
    if (perHour === 0) return;
    const delayMs = random.below(Math.ceil((2 * HOUR_MS) / perHour));
    const own = new SimulatedRandom(random.below(0x1_0000_0000));
    this.#world.clock.after(delayMs, () => {
      if (this.#isOver) return;
      const id = `${name}:${ordinal}`;
      if (this.#only?.has(id) !== false) this.#faults[name](own, id);
      this.#schedule(name, ordinal + 1, random);
    });
  }

  readonly #faults: Readonly<Record<FaultName, (random: Random, id: string) => void>> = {
    deaths: (random, id) => this.#anyServer(random, id).die(),
    powerLosses: (random, id) => this.#anyServer(random, id).cutPower(),
    deathsAtEffect: (random, id) => {
      this.#anyServer(random, id).weather.effectsToCrash = random.below(12);
    },
    blackouts: (_random, id) => {
      this.#hit(id);
      for (const server of this.#ensemble.servers) server.cutPower();
    },
    cleanRestarts: (random, id) => this.#anyServer(random, id).shutDown(),
    longAbsences: (random, id) => {
      const server = this.#anyServer(random, id);
      const isVeryLong = random.below(4) === 0;
      this.#ensemble.keepDown(
        server,
        isVeryLong ? 60_000 + random.below(90_000) : 8000 + random.below(30_000),
      );
      server.die();
    },
    ambushes: (random, id) => {
      const moment = MOMENTS[random.below(MOMENTS.length)]!;
      this.#waiting.push({ moment, spring: (sid) => this.#ambush(sid, id, random) });
    },
    partitions: (random, id) => {
      const [a, b] = this.#anyPair(random, id);
      this.#world.network.partition(a.host, b.host);
      this.#healAfter(durationMs(random));
    },
    oneWayPartitions: (random, id) => {
      const [a, b] = this.#anyPair(random, id);
      this.#world.network.partitionOneWay(a.host, b.host);
      this.#healAfter(durationMs(random));
    },
    isolations: (random, id) => {
      const { leader } = this.#ensemble;
      if (leader === undefined || random.below(5) === 0) this.#isolate(this.#anyServer(random, id), random);
      else {
        this.#hit(id, leader);
        this.#isolate(leader, random);
        for (let rushes = 1 + random.below(2); rushes > 0; rushes--) this.#rush(leader, random);
      }
    },
    resets: (random, id) => {
      const [a, b] = this.#anyPair(random, id);
      this.#world.network.reset(a.host, b.host);
    },
    halfOpens: (random, id) => {
      const [a, b] = this.#anyPair(random, id);
      // Cut, and the one side gives up without the other hearing of it.
      this.#world.network.partition(a.host, b.host);
      a.die();
      this.#healAfter(durationMs(random));
    },
    delays: (random, id) => {
      const [a, b] = this.#anyPair(random, id);
      this.#world.network.delay(a.host, b.host, 5 + random.below(random.below(4) === 0 ? 2000 : 200));
      this.#healAfter(durationMs(random));
    },
    clientCuts: (random, id) => {
      const { clients } = this.#ensemble;
      if (clients.length === 0) return;
      const client = clients[random.below(clients.length)]!;
      this.#world.network.partition(client.host, this.#anyServer(random, id).host);
      this.#healAfter(durationMs(random));
    },
    silences: (random, id) => {
      const { clients } = this.#ensemble;
      if (clients.length === 0) return;
      this.#hit(id);
      const client = clients[random.below(clients.length)]!;
      client.fallSilent(5000 + random.below(15_000), random.below(2) === 0);
    },
    stalls: (random, id) => this.#stall(this.#anyServer(random, id), durationMs(random)),
    clockJumps: (random, id) => {
      const server = this.#anyServer(random, id);
      const unit = random.below(2) === 0 ? DAY_MS : 100;
      server.machine.wallOffsetMs = (random.below(731) - 365) * unit;
    },
    slowDisks: (random, id) => {
      const { weather } = this.#anyServer(random, id);
      weather.slownessMs = 5 + random.below(random.below(4) === 0 ? 1500 : 100);
      this.#later(durationMs(random), () => (weather.slownessMs = 0));
    },
    failingSyncs: (random, id) => {
      this.#anyServer(random, id).weather.syncsToFail = 1;
    },
    fullDisks: (random, id) => {
      const { weather } = this.#anyServer(random, id);
      weather.isFull = true;
      this.#later(durationMs(random), () => (weather.isFull = false));
    },
    bitRot: (random, id) => {
      const server = this.#ensemble.servers[random.below(this.#ensemble.servers.length)]!;
      if (!this.#ensemble.canSpare(server)) return;
      this.#hit(id, server);
      this.#ensemble.rot(server, random.below(2) === 0);
    },
    lyingDisks: (random, id) => {
      const { weather } = this.#anyServer(random, id);
      weather.isLying = true;
      this.#later(durationMs(random), () => (weather.isLying = false));
    },
    reconfigurations: (_random, id) => {
      this.#hit(id);
      this.#ensemble.reconfigure();
    },
  };

  /** What ambushes wait for. It is struck later, never in the middle of a step. */
  readonly #moments: Checks = {
    onLooking: ({ sid }) => this.#spring('looks', sid),
    onEpoch: ({ sid }) => this.#spring('stores an epoch', sid),
    onAcknowledged: ({ sid }, _zxid, isNewLeader) => {
      if (isNewLeader) this.#spring('acknowledges a history', sid);
    },
    onSynchronised: ({ sid }) => this.#spring('is synchronised', sid),
    onServing: ({ sid }, role) => this.#spring(role === 'leader' ? 'leads' : 'follows', sid),
    onForgotten: ({ sid }) => this.#spring('cuts its log', sid),
  };

  #spring(moment: Moment, sid: number): void {
    if (this.#isOver) return;
    const at = this.#waiting.findIndex((waiting) => waiting.moment === moment);
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.spring(sid);
  }

  #ambush(sid: number, id: string, random: Random): void {
    const delayMs = random.below(3) === 0 ? 0 : random.below(300);
    this.#later(delayMs, () => {
      const { servers } = this.#ensemble;
      const other = random.below(4) === 0 ? servers[random.below(servers.length)] : undefined;
      const server = other ?? servers.find((one) => one.sid === sid)!;
      this.#hit(id, server);
      this.#strike(server, random);
    });
  }

  #strike(server: SimulatedServer, random: Random): void {
    switch (random.below(8)) {
      case 0:
      case 1:
        return server.die();
      case 2:
      case 3:
        return server.cutPower();
      case 4:
        server.weather.effectsToCrash = random.below(4);
        return;
      case 5:
        return this.#isolate(server, random);
      case 6:
        return this.#stall(server, durationMs(random));
      default:
        for (const one of this.#ensemble.servers) one.cutPower();
    }
  }

  /**
   * Long enough for this one to have logged what the others will never see. A leader cuts the log of one that comes back
   * before it has committed anything itself (TRUNC); later ones get a SNAP.
   */
  #isolate(server: SimulatedServer, random: Random): void {
    const { servers } = this.#ensemble;
    const { network } = this.#world;
    const companion = random.below(3) === 0 ? servers[random.below(servers.length)] : undefined;
    for (const other of servers) {
      if (other === server || other === companion) continue;
      network.partition(server.host, other.host);
      if (companion !== undefined) network.partition(companion.host, other.host);
    }
    this.#healAfter(5000 + random.below(9000));
    if (random.below(4) > 0)
      this.#waiting.push({
        moment: 'acknowledges a history',
        spring: () => this.#healAfter(random.below(60)),
      });
  }

  /** A client comes to that server and writes, whoever hears of it. */
  #rush(server: SimulatedServer, random: Random): void {
    const { clients } = this.#ensemble;
    if (clients.length === 0) return;
    const operations = Array.from({ length: 1 + random.below(12) }, () => this.#write(random));
    clients[random.below(clients.length)]!.rush(server.host, operations);
  }

  #write(random: Random): WriteOperation {
    const value = `storm:${++this.#values}`;
    const path = `/k${random.below(8)}`;
    return random.below(2) === 0
      ? { op: 'setData', path, value, version: -1 }
      : { op: 'create', path: '/q', value, mode: CreateMode.EPHEMERAL_SEQUENTIAL };
  }

  #stall(server: SimulatedServer, ms: number): void {
    if (!server.isUp || server.isStopped) return;
    server.stop();
    this.#later(ms, () => {
      if (server.isStopped) server.go();
    });
  }

  #hit(id: string, server?: SimulatedServer): void {
    this.#world.trace.note(`fault: ${id}`, server?.host ?? 'all');
    this.#world.coverage.add(`fault: ${id.slice(0, id.indexOf(':'))}`);
    this.#world.coverage.add('faults');
    this.#world.struck.push(id);
  }

  /** Which is hit. */
  #anyServer(random: Random, id: string): SimulatedServer {
    const { servers } = this.#ensemble;
    const server = servers[random.below(servers.length)]!;
    this.#hit(id, server);
    return server;
  }

  #anyPair(random: Random, id: string): readonly [SimulatedServer, SimulatedServer] {
    const { servers } = this.#ensemble;
    const a = this.#anyServer(random, id);
    const others = servers.filter((server) => server !== a);
    return [a, others[random.below(others.length)] ?? a];
  }

  /** A network heals as a whole: cuts that overlap end together. */
  #healAfter(ms: number): void {
    this.#later(ms, () => this.#world.network.heal());
  }

  #later(ms: number, undo: () => void): void {
    this.#world.clock.after(ms, () => {
      if (!this.#isOver) undo();
    });
  }
}

interface Waiting {
  readonly moment: Moment;
  readonly spring: (sid: number) => void;
}

type Moment = (typeof MOMENTS)[number];

const MOMENTS = [
  'looks',
  'stores an epoch',
  'acknowledges a history',
  'is synchronised',
  'leads',
  'follows',
  'cuts its log',
] as const;

function durationMs(random: Random): number {
  return 300 + random.below(random.below(3) === 0 ? 12_000 : 3000);
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
