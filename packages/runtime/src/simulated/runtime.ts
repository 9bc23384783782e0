import { nodeDigests } from '../node/digests.ts';
import type { Digests } from '../digests.ts';
import type { Runtime } from '../runtime.ts';
import { SimulatedClock } from './clock.ts';
import { SimulatedRandom } from './random.ts';

export interface SimulatedRuntimeOptions {
  /** Everything random follows from it. */
  readonly seed: number;
  /** The wall clock at the beginning, in milliseconds since 1970. Default: 2020-01-01, 00:00 UTC. */
  readonly startMs?: number;
}

/** A world that repeats itself: `clock` is moved by hand, `random` follows from the seed. */
export class SimulatedRuntime implements Runtime {
  readonly clock: SimulatedClock;
  readonly random: SimulatedRandom;
  /** Node's: digests are pure functions, there is nothing to simulate. */
  readonly digests: Digests = nodeDigests;

  constructor(options: SimulatedRuntimeOptions) {
    this.clock = new SimulatedClock(options.startMs ?? 1_577_836_800_000);
    this.random = new SimulatedRandom(options.seed);
  }
}

export function simulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  return new SimulatedRuntime(options);
}
