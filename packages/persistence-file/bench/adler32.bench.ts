/**
 * Adler-32 against the sum as RFC 1950 says it. Figures are only worth something side by side, on one machine.
 *
 *     npm run bench packages/persistence-file
 */
import { test } from 'vitest';
import { adler32 } from '../src/adler32.ts';

const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => i * 31);

for (const length of [60, 300, 4096, 1 << 20]) {
  test(`${length} bytes`, async ({ bench }) => {
    await bench.compare(
      bench('adler32', () => void adler32(bytes, 0, length)),
      bench('a modulo per byte', () => void plainAdler32(bytes, length)),
    );
  });
}

function plainAdler32(from: Uint8Array, length: number): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < length; i++) {
    a = (a + from[i]!) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}
