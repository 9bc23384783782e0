import type { Latency } from '@corral/transport/memory';

/** How often each fault strikes, per simulated hour, and what the world is like between them. 0 is never. */
export interface Storm {
  /** The process of a server dies (kill -9), and starts again after a while. */
  readonly deaths: number;
  /** A machine loses its power: its disk keeps what was synced, and of the rest what chance leaves. */
  readonly powerLosses: number;
  /** The process dies between two of its next effects on its disk, wherever in its code that is. */
  readonly deathsAtEffect: number;
  /** All machines lose their power at once. */
  readonly blackouts: number;
  /** A server is asked to stop, stops in order, and starts again. */
  readonly cleanRestarts: number;
  /** A server is away for long, so that a DIFF from memory does not reach it any more. */
  readonly longAbsences: number;
  /**
   * A fault that waits for its moment: a server begins an epoch, leads, acknowledges a leader's history, cuts its log,
   * looks for a leader; then it or another one is hit, at once or a fraction of a second later.
   */
  readonly ambushes: number;
  /** Nothing passes between two servers. */
  readonly partitions: number;
  /** Nothing passes from one server to another; the other way stands. */
  readonly oneWayPartitions: number;
  /** A leader hears no other server, or one only; clients come and write. It goes on proposing what will be cut from its log. */
  readonly isolations: number;
  /** All connections between two servers end with a reset. */
  readonly resets: number;
  /** A server loses all its connections without a word: the others' ends stand half-open. */
  readonly halfOpens: number;
  /** Bytes between two servers take up to seconds: what one connection brings overtakes what another does. */
  readonly delays: number;
  /** The client loses its way to a server: sessions move. */
  readonly clientCuts: number;
  /** A client says nothing for longer than its session may live. */
  readonly silences: number;
  /** A process stands still, and then goes on with all that waited. */
  readonly stalls: number;
  /** The wall clock of a machine jumps by up to a year, either way. */
  readonly clockJumps: number;
  readonly slowDisks: number;
  /** One sync fails, and what it should have made durable is gone: the server must stop. */
  readonly failingSyncs: number;
  /** No room on a disk, for a while. */
  readonly fullDisks: number;
  /** A bit of a file flips, at rest or while its server runs; only where others have everything that is committed. */
  readonly bitRot: number;
  /**
   * A disk says for a while that its syncs are done, and nothing is durable. Outside of the fault model, for nothing can be promised then:
   * 0 in the standard storm, and a way to see what a lying disk does.
   */
  readonly lyingDisks: number;
  /** A voter leaves the ensemble, and comes back later. */
  readonly reconfigurations: number;
  /** So many seeds in a hundred begin where the counter of a zxid soon comes to its end, and a new epoch must begin. */
  readonly nearRolloverPercent: number;
  /** Clocks of machines run up to so many percent too fast or too slow. */
  readonly driftPercent: number;
  readonly latency: Latency;
  /** The longest piece in which bytes arrive; 0 for as they were written. */
  readonly chunkBytesMax: number;
}

/**
 * The standard storm, fixed so that figures mean something: at least 240 faults an hour, 60 or more of them crashes, 60
 * link faults (a third of them one-way or partial), 30 of disks, 30 stalls and clock faults, 20 isolations and absences
 * that force a log from disk, a SNAP or a TRUNC, and 4 reconfigurations.
 */
export const standardStorm: Storm = {
  deaths: 20,
  powerLosses: 20,
  deathsAtEffect: 18,
  blackouts: 2,
  cleanRestarts: 6,
  longAbsences: 12,
  ambushes: 24,
  partitions: 16,
  oneWayPartitions: 22,
  isolations: 16,
  resets: 8,
  halfOpens: 6,
  delays: 8,
  clientCuts: 12,
  silences: 24,
  stalls: 24,
  clockJumps: 10,
  slowDisks: 16,
  failingSyncs: 8,
  fullDisks: 6,
  bitRot: 4,
  lyingDisks: 0,
  reconfigurations: 10,
  nearRolloverPercent: 25,
  driftPercent: 10,
  latency: { minMs: 0, maxMs: 4 },
  chunkBytesMax: 0,
};

/**
 * What `checkHistory` has to allow of sessions in the standard storm, as `expirySlackMs`: a member that has lost its leader
 * answers its clients for three ticks of syncLimit and two more, by a slow clock, while the leader's may be fast.
 */
export const stormExpirySlackMs = 6100;

/** Nothing goes wrong. */
export const calm: Storm = {
  deaths: 0,
  powerLosses: 0,
  deathsAtEffect: 0,
  blackouts: 0,
  cleanRestarts: 0,
  longAbsences: 0,
  ambushes: 0,
  partitions: 0,
  oneWayPartitions: 0,
  isolations: 0,
  resets: 0,
  halfOpens: 0,
  delays: 0,
  clientCuts: 0,
  silences: 0,
  stalls: 0,
  clockJumps: 0,
  slowDisks: 0,
  failingSyncs: 0,
  fullDisks: 0,
  bitRot: 0,
  lyingDisks: 0,
  reconfigurations: 0,
  nearRolloverPercent: 0,
  driftPercent: 0,
  latency: { minMs: 0, maxMs: 4 },
  chunkBytesMax: 0,
};

/** What the world is like all the time, not what strikes now and then. */
const CLIMATE = ['nearRolloverPercent', 'driftPercent', 'latency', 'chunkBytesMax'] as const;

export type FaultName = Exclude<keyof Storm, (typeof CLIMATE)[number]>;

/** In a fixed order. */
export const faultNames: readonly FaultName[] = (Object.keys(calm) as (keyof Storm)[]).filter(
  (name): name is FaultName => !CLIMATE.includes(name as (typeof CLIMATE)[number]),
);

/** @throws RangeError that names the field */
export function requireStorm(storm: Storm): void {
  for (const [name, value] of Object.entries(storm)) {
    if (name === 'latency') requireLatency(storm.latency);
    else if (!(name in standardStorm)) throw new RangeError(`storm.${name}: there is no such fault`);
    else if (!(Number(value) >= 0 && Number.isFinite(value))) throw new RangeError(`storm.${name}: ${value}`);
  }
  for (const name of Object.keys(standardStorm))
    if (!(name in storm)) throw new RangeError(`storm.${name} is missing`);
  if (storm.nearRolloverPercent > 100)
    throw new RangeError(`storm.nearRolloverPercent: ${storm.nearRolloverPercent} is more than 100`);
  if (storm.driftPercent > 50)
    throw new RangeError(`storm.driftPercent: ${storm.driftPercent} is more than 50`);
}

function requireLatency(latency: Latency): void {
  const { minMs, maxMs } = typeof latency === 'number' ? { minMs: latency, maxMs: latency } : latency;
  if (!(minMs >= 0 && maxMs >= minMs && Number.isFinite(maxMs)))
    throw new RangeError(`storm.latency: ${minMs} to ${maxMs} ms`);
}
