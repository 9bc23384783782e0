import { describe, expect, it } from 'vitest';
import { browserClock, browserRandom } from './index.ts';

describe('the clock of a page', () => {
  it('tells the time, and rings not before it is due, once', async () => {
    const start = browserClock.monotonic();
    let rings = 0;

    await new Promise<void>((resolve) =>
      browserClock.after(20, () => {
        rings++;
        resolve();
      }),
    );

    expect(browserClock.monotonic() - start).toBeGreaterThanOrEqual(20);
    expect(rings).toBe(1);
    expect(Number.isInteger(browserClock.now())).toBe(true);
  });

  it('takes back what is not due', async () => {
    const heard: string[] = [];
    browserClock.after(1, () => heard.push('once')).cancel();
    browserClock.every(1, () => heard.push('again')).cancel();
    browserClock.after(2 ** 40, () => heard.push('in 35 years')).cancel();

    await new Promise<void>((resolve) => browserClock.after(10, resolve));

    expect(heard).toEqual([]);
  });

  it('rings again and again until it is told to stop', async () => {
    let rings = 0;
    await new Promise<void>((resolve) => {
      const timer = browserClock.every(1, () => {
        if (++rings < 3) return;
        timer.cancel();
        resolve();
      });
    });

    expect(rings).toBe(3);
    expect(() => browserClock.every(0, () => {})).toThrow(RangeError);
  });

  it('defers to later turns, in order', async () => {
    const heard: number[] = [];
    await new Promise<void>((resolve) => {
      browserClock.defer(() => heard.push(1));
      browserClock.defer(() => {
        browserClock.defer(() => {
          heard.push(3);
          resolve();
        });
        heard.push(2);
      });
      expect(heard).toEqual([]);
    });

    expect(heard).toEqual([1, 2, 3]);
  });
});

describe('the randomness of a page', () => {
  it('gives as many bytes as are asked for, also more than the browser gives at a time', () => {
    const bytes = browserRandom.bytes(150_000);

    expect(bytes.length).toBe(150_000);
    expect(bytes.subarray(-1000).some((byte) => byte !== 0)).toBe(true);
  });

  it('gives every number below a bound, and no other', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => browserRandom.below(5)));

    expect(seen).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(browserRandom.below(1)).toBe(0);
    expect(browserRandom.below(2 ** 32)).toBeLessThan(2 ** 32);
  });
});
