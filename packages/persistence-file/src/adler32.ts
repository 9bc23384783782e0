/** The Adler-32 of nothing, and where every sum begins. */
export const ADLER32_INITIAL = 1;

/**
 * The Adler-32 of what `seed` sums up followed by `bytes[start, end)`: java.util.zip.Adler32, an unsigned int.
 * Sums run on in 32 bits and are reduced once per {@link STRIDE} bytes; eight bytes per turn. `bench/adler32` defends it.
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
      b += a += bytes[at]!;
      b += a += bytes[at + 1]!;
      b += a += bytes[at + 2]!;
      b += a += bytes[at + 3]!;
      b += a += bytes[at + 4]!;
      b += a += bytes[at + 5]!;
      b += a += bytes[at + 6]!;
      b += a += bytes[at + 7]!;
      at += 8;
    }
    while (at < stop) b += a += bytes[at++]!;
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}

const MODULUS = 65521;
/**
 * The most bytes whose sum `b` stays below 2^31, so that both sums remain small integers for the compiler:
 * n(n+1)/2 x 255 + (n+1) x 65520 < 2^31.
 */
const STRIDE = 3800;
