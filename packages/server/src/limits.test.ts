import { describe, expect, it } from 'vitest';
import { AddressCounts, LargeRequests, ReattachGuard } from './limits.ts';

describe('large requests', () => {
  it('count from above the threshold, up to their bytes in all', () => {
    const large = new LargeRequests(100, 250);

    expect(large.admit(100)).toBe(0);
    expect(large.admit(150)).toBe(150);
    expect(large.admit(101)).toBe(-1);
    large.done(150);
    expect(large.admit(250)).toBe(250);
  });

  it('are not counted with a threshold of -1', () => {
    expect(new LargeRequests(-1, 10).admit(1000)).toBe(0);
  });
});

describe('addresses', () => {
  it('are forgotten with their last connection', () => {
    const counts = new AddressCounts();
    counts.add('a');
    counts.add('a');
    counts.remove('a');

    expect(counts.of('a')).toBe(1);
    counts.remove('a');
    expect(counts.of('a')).toBe(0);
  });
});

describe('the guard of sessions', () => {
  it('blocks an address after a hundred failures within ten seconds, and no other', () => {
    const guard = new ReattachGuard();
    for (let i = 0; i < 99; i++) guard.failed('a', i);
    expect(guard.isBlocked('a', 100)).toBe(false);

    guard.failed('a', 100);

    expect(guard.isBlocked('a', 101)).toBe(true);
    expect(guard.isBlocked('b', 101)).toBe(false);
    expect(guard.isBlocked('a', 10_001)).toBe(false);
  });

  it('remembers a bounded number of addresses', () => {
    const guard = new ReattachGuard();
    for (let i = 0; i < 100; i++) guard.failed('first', 0);

    for (let i = 0; i < 10_000; i++) guard.failed(`other-${i}`, 1);

    expect(guard.isBlocked('first', 2)).toBe(false);
  });
});
