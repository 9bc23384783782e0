import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha256 } from './sha256.ts';

it.each([0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 65_537])(
  'SHA-256 of %d bytes is that of the platform',
  (length) => {
    const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);

    expect(Buffer.from(sha256(data)).toString('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  },
);
