import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * Resolves a name as the system does, and shuffles the addresses of each family: where one name stands for all servers,
 * not everybody is to begin with the first one. Which family comes first is left to the system.
 */
export const lookUpShuffled: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const all = shuffledWithinFamilies(addresses, (bound) => Math.floor(Math.random() * bound));
    if (options.all === true) return callback(null, all);
    return callback(null, all[0]!.address, all[0]!.family);
  });
};

/** @param below an integer from 0 to below the bound */
export function shuffledWithinFamilies(
  addresses: readonly LookupAddress[],
  below: (bound: number) => number,
): LookupAddress[] {
  const left = [...addresses];
  return addresses.map(({ family }) => {
    const candidates = left.filter((address) => address.family === family);
    const chosen = candidates[below(candidates.length)]!;
    left.splice(left.indexOf(chosen), 1);
    return chosen;
  });
}
