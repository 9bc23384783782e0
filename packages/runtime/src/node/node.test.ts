import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeRuntime } from './index.ts';

const { clock, digests, random } = nodeRuntime();

describe("Node's clock", () => {
  it('never calls a timer before its delay has passed', async () => {
    for (const delay of [0, 0.4, 1, 2, 5.9]) {
      const start = clock.monotonic();
      await new Promise<void>((resolve) => void clock.after(delay, resolve));
      expect(clock.monotonic() - start).toBeGreaterThanOrEqual(delay);
    }
  });

  it('calls a repeating timer until it is cancelled', async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const timer = clock.every(1, () => {
        calls++;
        if (calls < 3) return;
        timer.cancel();
        resolve();
      });
    });
    expect(calls).toBe(3);
  });

  it('does not call what was cancelled', async () => {
    let isCalled = false;
    const timer = clock.after(1, () => (isCalled = true));
    timer.cancel();
    timer.cancel();
    await new Promise<void>((resolve) => void clock.after(5, resolve));
    expect(isCalled).toBe(false);
  });

  it('takes delays beyond 2^31 milliseconds without calling at once', async () => {
    let isCalled = false;
    const timer = clock.after(2 ** 40, () => (isCalled = true));
    await new Promise<void>((resolve) => void clock.after(5, resolve));
    timer.cancel();
    expect(isCalled).toBe(false);
  });

  it('refuses an interval that Node would turn into another', () => {
    expect(() => clock.every(0, () => {})).toThrow(RangeError);
    expect(() => clock.every(2 ** 31, () => {})).toThrow(RangeError);
  });

  it('defers to the next turn, in order', async () => {
    const calls: number[] = [];
    await new Promise<void>((resolve) => {
      clock.defer(() => calls.push(1));
      clock.defer(() => calls.push(2));
      clock.defer(resolve);
      calls.push(0);
    });
    expect(calls).toEqual([0, 1, 2]);
  });

  it('tells the wall clock in whole milliseconds', () => {
    const now = clock.now();
    expect(Number.isInteger(now)).toBe(true);
    expect(now).toBeGreaterThan(1_600_000_000_000);
  });
});

describe("Node's digests", () => {
  it('are the ones everybody knows', () => {
    const abc = bytes('abc');
    expect(hex(digests.digest('md5', abc))).toBe('900150983cd24fb0d6963f7d28e17f72');
    expect(hex(digests.digest('sha1', abc))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(hex(digests.digest('sha256', abc))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    // RFC 4231, test case 2
    expect(hex(digests.hmac('sha256', bytes('Jefe'), bytes('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
    expect(digests.digest('sha512', abc)).toHaveLength(64);
  });

  it.for(['md5', 'sha1', 'sha256', 'sha512'] as const)(
    'make the same codes as createHmac with %s',
    (algorithm) => {
      const longest = bytes('0123456789abcdef'.repeat(20));
      for (const keyLength of [0, 1, 32, 63, 64, 65, 127, 128, 129, 300]) {
        for (const length of [0, 1, 8, 64, 300]) {
          const [key, message] = [longest.subarray(0, keyLength), longest.subarray(0, length)];
          const expected = createHmac(algorithm, key).update(message).digest('hex');
          expect(hex(digests.hmac(algorithm, key, message))).toBe(expected);
        }
      }
    },
  );

  it('compare byte by byte, other lengths being unequal', () => {
    expect(digests.equal(bytes('abc'), bytes('abc'))).toBe(true);
    expect(digests.equal(bytes('abc'), bytes('abd'))).toBe(false);
    expect(digests.equal(bytes('abc'), bytes('abcd'))).toBe(false);
    expect(digests.equal(bytes(''), bytes(''))).toBe(true);
  });
});

describe("Node's randomness", () => {
  it('gives fresh bytes and integers below any bound up to 2^32', () => {
    expect(random.bytes(16)).toHaveLength(16);
    expect(random.bytes(16)).not.toEqual(random.bytes(16));
    expect(random.below(1)).toBe(0);
    for (let i = 0; i < 1000; i++) expect(random.below(3)).toBeLessThan(3);
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32);
  });
});

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function hex(of: Uint8Array): string {
  return Buffer.from(of).toString('hex');
}
