import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { apachePassword, keyedPassword, PASSWORD_LENGTH } from './index.ts';

describe("Apache's password of a session", () => {
  it('is the one a running server gave', () => {
    expect(hex(apachePassword(0x0100_0011_342b_0000n))).toBe('578c1853981c530e8d883499a11aab2b');
  });

  it.each([
    ['0x0', 'f22acd4a97e69d6d20a49bb638eadb38'],
    ['0x1', '054cc74a37327db215e702e20c73f005'],
    ['0xffffffffffffffff', '20f62cb5648dc2d771471c8a2486a9ee'],
    ['0x8000000000000001', '054cc74a37327db215e702e20c73f005'],
    ['0x7fffffffffffffff', '20f62cb5648dc2d771471c8a2486a9ee'],
    ['0x1000011342b0001', '6aad12533868325382cb9bc475a3bff8'],
    ['0xfe00000000000000', 'f22acd4a97e69d6d20a49bb638eadb38'],
  ])('of %s is that of java.util.Random', (id, password) => {
    expect(hex(apachePassword(BigInt.asIntN(64, BigInt(id))))).toBe(password);
  });
});

describe('a keyed password of a session', () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);

  it('is the beginning of the HMAC of the id, big-endian', () => {
    const code = createHmac('sha256', key).update(Buffer.from('01000011342b0000', 'hex')).digest();
    expect(hex(keyedPassword(0x0100_0011_342b_0000n, key, sha256))).toBe(hex(code.subarray(0, 16)));
  });

  it('is another for another id and for another key', () => {
    const passwords = [
      keyedPassword(1n, key, sha256),
      keyedPassword(2n, key, sha256),
      keyedPassword(-1n, key, sha256),
      keyedPassword(1n, key.slice(1), sha256),
    ];
    expect(new Set(passwords.map(hex)).size).toBe(4);
    for (const password of passwords) expect(password).toHaveLength(PASSWORD_LENGTH);
  });

  it('is not made of an HMAC that is too short for it', () => {
    expect(() => keyedPassword(1n, key, () => new Uint8Array(15))).toThrow(RangeError);
  });
});

function sha256(secret: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update(bytes).digest();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
