/** The Adler-32 of nothing, and where every sum begins. */
export const ADLER32_INITIAL = 1;

/**
 * The Adler-32 of what `seed` sums up followed by `bytes[start, end)`: java.util.zip.Adler32, an unsigned int.
 *
 * Eight bytes per turn, and the sums are reduced once per {@link STRIDE} bytes. The `| 0` behind every sum is worth a
 * factor of 1.7: it tells the compiler that nothing overflows. `bench/adler32.bench.ts` defends both.
 */
export function adler32(
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number = ADLER32_INITIAL,
): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  let at = start;
  while (at < end) {
    const stop = Math.min(end, at + STRIDE);
    const unrolled = stop - 7;
    while (at < unrolled) {
      a = (a + bytes[at]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 1]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 2]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 3]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 4]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 5]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 6]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 7]!) | 0;
      b = (b + a) | 0;
      at += 8;
    }
    while (at < stop) {
      a = (a + bytes[at++]!) | 0;
      b = (b + a) | 0;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}

const MODULUS = 65521;
/** The most bytes whose sum stays below 2^31: n(n+1)/2 x 255 + (n+1) x 65520. */
const STRIDE = 3800;
