import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Digests } from '../digests.ts';

export const nodeDigests: Digests = {
  digest: (algorithm, bytes) => hash(algorithm, bytes, 'buffer'),
  hmac: (algorithm, key, bytes) => createHmac(algorithm, key).update(bytes).digest(),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
};
