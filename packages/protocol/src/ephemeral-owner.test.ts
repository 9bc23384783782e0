import { describe, expect, it } from 'vitest';
import {
  CONTAINER_EPHEMERAL_OWNER,
  EphemeralType,
  ephemeralTypeOf,
  isTtlValue,
  TTL_MAX_MS,
  ttlOfEphemeralOwner,
  ttlToEphemeralOwner,
} from './ephemeral-owner.ts';

const PLAIN = { extendedTypesEnabled: false, emulate353TTLNodes: false };
const EXTENDED = { extendedTypesEnabled: true, emulate353TTLNodes: false };
const EMULATED = { extendedTypesEnabled: true, emulate353TTLNodes: true };

describe('what an ephemeralOwner means', () => {
  const { VOID, NORMAL, CONTAINER, TTL } = EphemeralType;
  it.each([
    // owner, without extended types, with them, with 3.5.3's
    ['0000000000000000', VOID, VOID, VOID],
    ['0100001a07f00000', NORMAL, NORMAL, NORMAL],
    ['8000000000000000', CONTAINER, CONTAINER, CONTAINER],
    ['8000000000000001', NORMAL, NORMAL, TTL],
    ['fe00000000000001', NORMAL, NORMAL, TTL],
    ['ff00000000000001', NORMAL, TTL, TTL],
    ['ff0000ffffffffff', NORMAL, TTL, TTL],
  ])('%s', (owner, plain, extended, emulated) => {
    const value = BigInt.asIntN(64, BigInt(`0x${owner}`));
    expect(ephemeralTypeOf(value, PLAIN)).toBe(plain);
    expect(ephemeralTypeOf(value, EMULATED)).toBe(emulated);
    expect(ephemeralTypeOf(value, EXTENDED)).toBe(extended);
  });

  it.each(['ff00010000000000', 'ffffffffffffffff'])(
    '%s is of no known type once extended types are on',
    (owner) => {
      const value = BigInt.asIntN(64, BigInt(`0x${owner}`));
      expect(() => ephemeralTypeOf(value, EXTENDED)).toThrow(RangeError);
      expect(ephemeralTypeOf(value, PLAIN)).toBe(NORMAL);
      expect(ephemeralTypeOf(value, EMULATED)).toBe(TTL);
    },
  );

  it('the owner of a container is Long.MIN_VALUE', () => {
    expect(BigInt.asUintN(64, CONTAINER_EPHEMERAL_OWNER)).toBe(0x8000_0000_0000_0000n);
  });
});

describe('the owner of a TTL node', () => {
  it.each([
    [1, 'ff00000000000001'],
    [1_000_000, 'ff000000000f4240'],
    [TTL_MAX_MS, 'ff0000ffffffffff'],
  ])('of %i ms is %s, and tells the time again', (ttl, owner) => {
    const encoded = ttlToEphemeralOwner(ttl);
    expect(BigInt.asUintN(64, encoded).toString(16)).toBe(owner);
    expect(BigInt.asIntN(64, encoded)).toBe(encoded);
    expect(ttlOfEphemeralOwner(encoded)).toBe(ttl);
  });

  it.each([0, -1, 1_099_511_627_776, 1.5, Number.NaN, Number.MAX_SAFE_INTEGER])(
    'is refused for %d ms',
    (ttl) => {
      expect(isTtlValue(ttl)).toBe(false);
      expect(() => ttlToEphemeralOwner(ttl)).toThrow(RangeError);
    },
  );
});
