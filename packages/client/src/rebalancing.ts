import type { Random } from '@corral/runtime';

/**
 * What one client does when the servers of its ensemble have changed, so that all clients together end up spread evenly
 * without speaking to each other (StaticHostProvider.updateServerList; "Dynamic Reconfiguration", section 4).
 *
 * - The list has grown: a client leaves for a new server with the chance that makes up the new servers' share.
 * - It has shrunk or is as long: who has a server keeps it. Those whose server is gone fill the new servers, and take the
 *   kept ones as far as those have room.
 *
 * @param before how many servers there were; of these, and no others, `kept` and `fresh` are there now
 */
export function moveAfterChange(
  before: number,
  kept: number,
  fresh: number,
  isCurrentKept: boolean,
  random: Random,
): 'stay' | 'toKept' | 'toFresh' {
  const now = kept + fresh;
  if (isCurrentKept) return now > before && isTrue(1 - before / now, random) ? 'toFresh' : 'stay';
  if (kept === 0 || now > before) return 'toFresh';
  // Each kept server had a share of 1/before and may have 1/now; those whose server is gone are (before - kept)/before.
  const toKept = (kept * (before - now)) / (now * (before - kept));
  return isTrue(toKept, random) ? 'toKept' : 'toFresh';
}

function isTrue(probability: number, random: Random): boolean {
  return random.below(RESOLUTION) < probability * RESOLUTION;
}

const RESOLUTION = 1_000_000;
