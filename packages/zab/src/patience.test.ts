import { describe, expect, it } from 'vitest';
import { Patience } from './patience.ts';

describe('patience', () => {
  it('ends when the other side has been silent for longer than the limit', () => {
    const patience = new Patience(1000);

    const ends = [0, 500, 1000, 1500, 2000, 2500].map((now) => patience.tick(now, 2000));

    expect(ends).toEqual([false, false, false, false, false, true]);
  });

  it('begins anew with every sign of life', () => {
    const patience = new Patience(1000);
    patience.tick(0, 2000);
    patience.tick(1000, 2000);
    patience.tick(2000, 2000);

    patience.heard();

    expect(patience.tick(3000, 2000)).toBe(false);
  });

  it('counts a stall of its own as one tick, and a clock that runs backwards as none', () => {
    const patience = new Patience(1000);
    patience.tick(0, 2000);

    expect([100_000, 200_000, 100, 300_000].map((now) => patience.tick(now, 2000))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
