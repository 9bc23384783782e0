import { describe, expect, test } from 'vitest';
import { crc32c, unmask } from './crc32c.ts';

describe('CRC-32C', () => {
  test.each([
    // RFC 3720, B.4
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s is that of the specification', (_, bytes, sum) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(sum);
  });

  test('is the same for eight bytes at a time and for one, wherever they stand', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 73) ^ (i << 3));
    for (let start = 0; start < 9; start++) {
      for (let end = start; end < 100; end++) {
        expect(crc32c(bytes, start, end)).toBe(bitByBit(bytes.subarray(start, end)));
      }
    }
  });

  test('is unmasked as LevelDB masks it', () => {
    const sum = 0xe3069283;
    const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
    expect(unmask(masked)).toBe(sum);
  });
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}
