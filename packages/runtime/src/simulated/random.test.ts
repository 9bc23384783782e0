import { describe, expect, it } from 'vitest';
import { SimulatedRandom } from './index.ts';

describe('simulated randomness', () => {
  it('is the same for the same seed, for ever', () => {
    expect(Buffer.from(new SimulatedRandom(1).bytes(16)).toString('hex')).toBe(
      'b35901b9572dcd0af592efb20560b511',
    );
    expect(Buffer.from(new SimulatedRandom(-5_000_000_000).bytes(16)).toString('hex')).toBe(
      'b2cbc09f24f1189948defd4d7c0fd570',
    );
  });

  it('is another for another seed, however near', () => {
    const streams = [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1].map((seed) =>
      new SimulatedRandom(seed).bytes(8),
    );
    expect(new Set(streams.map(String)).size).toBe(streams.length);
  });

  it('gives integers below the bound, each as often as the others', () => {
    const random = new SimulatedRandom(7);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
    // Nine standard deviations wide: a fixed seed, so it is decided for ever.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(900);
  });

  it('takes bounds from 1 to 2^32', () => {
    const random = new SimulatedRandom(7);
    expect(random.below(1)).toBe(0);
    const large = Array.from({ length: 100 }, () => random.below(2 ** 32));
    expect(Math.max(...large)).toBeGreaterThan(2 ** 31);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
      expect(() => random.below(bound)).toThrow(RangeError);
  });

  it('gives as many bytes as were asked for', () => {
    const random = new SimulatedRandom(7);
    expect([0, 1, 3, 4, 5, 1000].map((length) => random.bytes(length).length)).toEqual([0, 1, 3, 4, 5, 1000]);
  });

  it('refuses a seed that is no integer', () => {
    expect(() => new SimulatedRandom(0.5)).toThrow(RangeError);
  });
});
