import { hash, timingSafeEqual } from 'node:crypto';
import type { Digests } from '../digests.ts';
import { hmac } from './hmac.ts';

export const nodeDigests: Digests = {
  digest: (algorithm, bytes) => hash(algorithm, bytes, 'buffer'),
  hmac,
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
};
