import type { Digests } from '@corral/runtime';
import { type SimulatedClock, SimulatedRandom, SimulatedRuntime } from '@corral/runtime/simulated';
import { memoryNetwork, type MemoryNetwork, type NetworkFaults } from '@corral/transport/memory';
import { Coverage } from '../coverage.ts';
import type { Checks, Invariant, WatchedWorld } from '../invariant.ts';
import { Trace } from '../trace.ts';

export interface Violation {
  readonly invariant: string;
  readonly says: string;
  readonly message: string;
  /** Of the trace. */
  readonly step: number;
  /** Simulated milliseconds since the beginning. */
  readonly atMs: number;
  /** Its last lines. */
  readonly trace: readonly string[];
  /** The same without bytes that passed, and so from further back. */
  readonly story: readonly string[];
}

/** Time, chance, the network, the trace, and who watches: what everything simulated stands on. */
export class World {
  readonly clock: SimulatedClock;
  readonly digests: Digests;
  readonly network: MemoryNetwork;
  readonly trace: Trace;
  readonly coverage: Coverage = new Coverage();
  /** Which faults have struck, `deaths:3` for the third of its kind. */
  readonly struck: string[] = [];
  violation: Violation | undefined = undefined;
  readonly #seed: number;
  #streams = 0;
  #checks: readonly Checks[] = [];

  constructor(seed: number, faults: NetworkFaults) {
    this.#seed = seed;
    const { clock, digests } = new SimulatedRuntime({ seed });
    this.clock = clock;
    this.digests = digests;
    this.trace = new Trace(() => this.clock.monotonic());
    this.network = memoryNetwork({ clock: this.clock, random: this.random(), faults });
  }

  /** A stream of its own for each that asks, so that one that draws more does not change the others. */
  random(): SimulatedRandom {
    return new SimulatedRandom(this.#seed * STREAMS_MAX + this.#streams++);
  }

  watch(invariants: readonly Invariant[], world: Omit<WatchedWorld, 'violated'>): void {
    for (const invariant of invariants) {
      const { name, says } = invariant;
      this.listen(invariant.watch({ ...world, violated: (message) => this.violated(name, says, message) }));
    }
  }

  /** Somebody who is told of everything, and judges nothing. */
  listen(checks: Checks): void {
    this.#checks = [...this.#checks, checks];
  }

  /** Calls every check that wants to hear of it. */
  tell(call: (checks: Checks) => void): void {
    for (const checks of this.#checks) call(checks);
  }

  /** The first counts; what follows may be its consequence. */
  violated(invariant: string, says: string, message: string): void {
    this.violation ??= {
      invariant,
      says,
      message,
      step: this.trace.steps,
      atMs: this.clock.monotonic(),
      trace: this.trace.last(),
      story: this.trace.story(),
    };
  }
}

const STREAMS_MAX = 10_000;
