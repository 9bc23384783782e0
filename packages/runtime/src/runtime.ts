import type { Clock } from './clock.ts';
import type { Digests } from './digests.ts';
import type { Random } from './random.ts';

/** The outside world, handed to a host as one value. `nodeRuntime()` is the real one, `SimulatedRuntime` a seeded one. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: Digests;
}
