import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, test } from 'vitest';
import { hex } from '../test/files.ts';
import { SNAPPY_BLOCK_BYTES, snappyCompress, snappyUncompress } from './snappy-block.ts';

const PLAIN_MAX = 1 << 20;

describe('a snappy block', () => {
  test('is what it was before, for bytes of every kind', () => {
    const random = new SimulatedRandom(1);
    for (let i = 0; i < 300; i++) {
      const variety = 1 + random.below(256);
      const plain = random.bytes(random.below(SNAPPY_BLOCK_BYTES + 1)).map((byte) => byte % variety);
      expect(snappyUncompress(snappyCompress(plain), PLAIN_MAX)).toEqual(plain);
    }
  });

  test('of repetition is small', () => {
    const packed = snappyCompress(new Uint8Array(SNAPPY_BLOCK_BYTES).fill(7));
    expect(packed.length).toBeLessThan(SNAPPY_BLOCK_BYTES / 15);
  });

  test.each([
    ['nothing', '00', ''],
    ['a literal', '03 08 616263', '616263'],
    ['a literal with its length in a byte', '03 f0 02 616263', '616263'],
    ['a literal with its length in four bytes', '03 fc 02000000 616263', '616263'],
    ['a copy with a one-byte offset that overlaps what it makes', '08 08 616263 05 03', '6162636162636162'],
    ['a copy with a two-byte offset', '06 08 616263 0a 0300', '616263616263'],
    ['a copy with a four-byte offset', '06 08 616263 0b 03000000', '616263616263'],
  ])('may hold %s', (_what, packed, plain) => {
    expect(snappyUncompress(hex(packed), PLAIN_MAX)).toEqual(hex(plain));
  });

  test.each([
    ['without a length', ''],
    ['whose length never ends', 'ffffffffffff'],
    ['longer than is believed', '818040 00'],
    ['shorter than it says', '04 08 616263'],
    ['that says it holds more than so few bytes can', 'ffffff07 08 616263'],
    ['longer than it says', '02 08 616263'],
    ['that ends within a literal', '05 10 616263'],
    ['that ends within a copy', '05 08 616263 0a 03'],
    ['that copies from before its beginning', '06 08 616263 0a 0400'],
    ['that copies from where it stands', '06 08 616263 0a 0000'],
    ['that copies beyond its end', '05 08 616263 0a 0300'],
  ])('%s is refused', (_what, packed) => {
    expect(() => snappyUncompress(hex(packed), PLAIN_MAX)).toThrow(RangeError);
  });

  test('with any byte changed is refused or read, and nothing else', () => {
    const random = new SimulatedRandom(2);
    const packed = snappyCompress(random.bytes(3000).map((byte) => byte % 5));
    for (let i = 0; i < 2000; i++) {
      const damaged = packed.slice();
      damaged[random.below(damaged.length)] = random.below(256);
      expect(outcomeOf(() => snappyUncompress(damaged, PLAIN_MAX))).toBeOneOf(['read', 'RangeError']);
    }
  });
});

function outcomeOf(read: () => Uint8Array): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return (error as Error).name;
  }
}
