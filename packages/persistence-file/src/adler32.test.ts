import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, test } from 'vitest';
import { adler32 } from './adler32.ts';

/** RFC 1950, as it says. */
function plainAdler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

describe('Adler-32', () => {
  test('of known texts is as known', () => {
    const of = (text: string): number => adler32(new TextEncoder().encode(text), 0, text.length);
    expect(of('')).toBe(1);
    expect(of('a')).toBe(0x0062_0062);
    expect(of('Wikipedia')).toBe(0x11e6_0398);
  });

  test.each([1, 7, 8, 9, 3799, 3800, 3801, 65_536, 1_000_003])(
    'of %i bytes is that of the plain sum',
    (length) => {
      const random = new SimulatedRandom(length);
      for (const bytes of [random.bytes(length), new Uint8Array(length).fill(0xff), new Uint8Array(length)]) {
        expect(adler32(bytes, 0, length)).toBe(plainAdler32(bytes));
      }
    },
  );

  test('goes on from a sum, wherever it was broken off', () => {
    const bytes = new SimulatedRandom(5).bytes(10_000);
    const whole = plainAdler32(bytes);
    for (const at of [0, 1, 13, 3800, 9999, 10_000]) {
      expect(adler32(bytes, at, bytes.length, adler32(bytes, 0, at))).toBe(whole);
    }
  });
});
