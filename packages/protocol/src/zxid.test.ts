import { JuteReader } from '@corral/jute';
import { describe, expect, it } from 'vitest';
import { failureOf, hex } from '../test/records.ts';
import { counterOf, EPOCH_MAX, epochOf, nextZxid, readZxid, toZxid, zxidOf, zxidToHex } from './zxid.ts';

describe('a zxid', () => {
  it.each([
    [0, 0, '0'],
    [0, 0xffff_ffff, 'ffffffff'],
    [1, 0, '100000000'],
    [3, 0xab, '3000000ab'],
    [EPOCH_MAX, 0xffff_ffff, '1fffffffffffff'],
  ])('of epoch %i and counter %i is %s', (epoch, counter, text) => {
    const zxid = zxidOf(epoch, counter);
    expect(zxidToHex(zxid)).toBe(text);
    expect(epochOf(zxid)).toBe(epoch);
    expect(counterOf(zxid)).toBe(counter);
  });

  it('is followed by the next', () => {
    expect(nextZxid(zxidOf(2, 7))).toBe(zxidOf(2, 8));
  });

  it('is not made of parts that are out of range', () => {
    expect(() => zxidOf(EPOCH_MAX + 1, 0)).toThrow(RangeError);
    expect(() => zxidOf(-1, 0)).toThrow(RangeError);
    expect(() => zxidOf(0, 0x1_0000_0000)).toThrow(RangeError);
    expect(() => zxidOf(0, 0.5)).toThrow(RangeError);
    expect(() => toZxid(2 ** 53)).toThrow(RangeError);
    expect(() => toZxid(-1)).toThrow(RangeError);
  });

  it('is read exactly up to the last epoch that a number holds', () => {
    expect(readZxid(new JuteReader(hex('001fffffffffffff  the largest')))).toBe(
      zxidOf(EPOCH_MAX, 0xffff_ffff),
    );
  });

  it.each([
    ['0020000000000000', 'one more'],
    ['7fffffffffffffff', 'Long.MAX_VALUE'],
    ['ffffffffffffffff', '-1'],
    ['8000000000000000', 'Long.MIN_VALUE'],
  ])('is refused where it is %s: %s', (bytes) => {
    expect(failureOf(() => readZxid(new JuteReader(hex(bytes))))).toMatchObject({
      code: 'OUT_OF_RANGE',
      offset: 0,
    });
  });
});
