import { expect, test } from 'vitest';
import { bytes } from '../test/replica.ts';
import { CRC_BEGIN, crcEnd, crcUpdate } from './crc32.ts';

test.each([
  ['', 0],
  ['a', 0xe8b7be43],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('the checksum of %j is the one everybody computes', (text, checksum) => {
  const data = bytes(text)!;
  expect(crcEnd(crcUpdate(CRC_BEGIN, data, 0, data.length))).toBe(checksum);
});

test('a checksum continued over pieces is that of the whole, wherever the cuts are', () => {
  const data = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
  const whole = crcUpdate(CRC_BEGIN, data, 0, data.length);
  for (let cut = 0; cut <= data.length; cut++) {
    expect(crcUpdate(crcUpdate(CRC_BEGIN, data, 0, cut), data, cut, data.length)).toBe(whole);
  }
});
