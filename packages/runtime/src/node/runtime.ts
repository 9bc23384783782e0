import type { Runtime } from '../runtime.ts';
import { nodeClock } from './clock.ts';
import { nodeDigests } from './digests.ts';
import { nodeRandom } from './random.ts';

/** The real world, as Node.js offers it. */
export function nodeRuntime(): Runtime {
  return { clock: nodeClock, random: nodeRandom, digests: nodeDigests };
}
