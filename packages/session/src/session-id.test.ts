import { describe, expect, it } from 'vitest';
import { initialSessionId, nextSessionId, sessionIdToHex } from './index.ts';

describe('the first session id of a server', () => {
  it.each([
    // Server id, then 40 bits of milliseconds, then 16 zero bits: ((ms << 24) >>> 8) | (id << 56)
    [1, 0, '0x100000000000000'],
    [1, 0x11_342b, '0x1000011342b0000'],
    [0, 1, '0x10000'],
    [254, 0xff_ffff_ffff, '0xfeffffffffff0000'],
    [1, 2 ** 40 + 5, '0x100000000050000'],
    [1, 5.9, '0x100000000050000'],
    [128, 1, '0x8000000000010000'],
  ])('of server %d after %d ms is %s', (serverId, elapsedMs, hex) => {
    expect(sessionIdToHex(initialSessionId(serverId, elapsedMs))).toBe(hex);
  });

  it('is signed, as the wire has it', () => {
    expect(initialSessionId(128, 1)).toBe(-0x8000_0000_0000_0000n + 0x1_0000n);
  });

  it('is never the marker of containers', () => {
    expect(initialSessionId(128, 0)).toBe(-0x8000_0000_0000_0000n + 1n);
  });

  it('asks for a server id of one byte', () => {
    for (const id of [-1, 256, 1.5, Number.NaN]) expect(() => initialSessionId(id, 0)).toThrow(RangeError);
  });
});

describe('the next session id', () => {
  it('is one more', () => {
    expect(nextSessionId(0x0100_0011_342b_0000n)).toBe(0x0100_0011_342b_0001n);
    expect(nextSessionId(-1n)).toBe(0n);
  });

  it('skips the marker of containers', () => {
    expect(nextSessionId(0x7fff_ffff_ffff_ffffn)).toBe(-0x8000_0000_0000_0000n + 1n);
  });
});

it('a session id is printed unsigned', () => {
  expect(sessionIdToHex(0x0100_0011_342b_0000n)).toBe('0x1000011342b0000');
  expect(sessionIdToHex(-1n)).toBe('0xffffffffffffffff');
});
