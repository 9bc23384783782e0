import { SimulatedRuntime } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { HeavyHitters } from './heavy-hitters.ts';

const WINDOW_MS = 60_000;

describe('the heaviest keys', () => {
  it('are told heaviest first, with their bytes', () => {
    const hitters = new HeavyHitters(8, WINDOW_MS, 0);
    for (const key of ['a', 'b', 'a']) hitters.add(key, 16, 160, 1);

    expect(hitters.top(10, 2)).toEqual([
      { key: 'a', count: 32, bytes: 320, overcount: 0 },
      { key: 'b', count: 16, bytes: 160, overcount: 0 },
    ]);
    expect(hitters.top(1, 2)).toHaveLength(1);
  });

  it.each([1, 2, 3])('are found among any number, with what they came to within a tenth: seed %i', (seed) => {
    const { random } = new SimulatedRuntime({ seed });
    const hitters = new HeavyHitters(20, WINDOW_MS, 0);
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      // Three keys make up a tenth each, and thousands the rest.
      const die = random.below(10);
      const key = die < 3 ? `heavy-${die}` : `light-${random.below(5000)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      hitters.add(key, 1, 1, 1);
    }

    const top = hitters.top(3, 1);
    expect(top.map(({ key }) => key).toSorted()).toEqual(['heavy-0', 'heavy-1', 'heavy-2']);
    for (const { key, count } of top) {
      expect(count).toBeGreaterThan(counts.get(key)! * 0.9);
      expect(count).toBeLessThan(counts.get(key)! * 1.1);
    }
  });

  it('take no more memory than for so many keys', () => {
    const hitters = new HeavyHitters(4, WINDOW_MS, 0);
    for (let i = 0; i < 100; i++) hitters.add(`k${i}`, 1, 1, 1);

    expect(hitters.top(1000, 1)).toHaveLength(4);
  });
});

describe('a window', () => {
  it('slides by halves', () => {
    const hitters = new HeavyHitters(8, WINDOW_MS, 0);
    hitters.add('early', 1, 1, 10_000);
    hitters.add('later', 1, 1, 31_000);

    expect(hitters.top(9, 59_000).map(({ key }) => key)).toEqual(['early', 'later']);
    expect(hitters.total(59_000)).toEqual({ count: 2, sinceMs: 59_000 });
    expect(hitters.top(9, 61_500).map(({ key }) => key)).toEqual(['later']);
    expect(hitters.total(61_500)).toEqual({ count: 1, sinceMs: 31_500 });
  });

  it('in which nothing happened for long is empty', () => {
    const hitters = new HeavyHitters(8, WINDOW_MS, 0);
    hitters.add('a', 1, 1, 1);

    expect(hitters.top(9, 1_000_000)).toEqual([]);
    expect(hitters.total(1_000_000)).toEqual({ count: 0, sinceMs: 0 });
  });
});
