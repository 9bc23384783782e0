import type { Random } from '../random.ts';

/** Web Crypto, which every page has. */
export const browserRandom: Random = {
  bytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += ONCE_MAX)
      crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + ONCE_MAX)));
    return bytes;
  },
  below(bound) {
    // The last, incomplete round of `bound` would make its numbers likelier.
    const fair = UINT32_COUNT - (UINT32_COUNT % bound);
    const drawn = new Uint32Array(1);
    do crypto.getRandomValues(drawn);
    while (drawn[0]! >= fair);
    return drawn[0]! % bound;
  },
};

/** What `getRandomValues` gives at a time. */
const ONCE_MAX = 65_536;
const UINT32_COUNT = 2 ** 32;
