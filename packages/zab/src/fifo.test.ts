import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

describe('a fifo', () => {
  it('gives back what it was given, oldest first, however the two interleave', () => {
    const fifo = new Fifo<number>();
    const taken: number[] = [];
    let next = 0;

    for (let round = 0; round < 3000; round++) {
      for (let i = 0; i < 3; i++) fifo.push(next++);
      for (let i = 0; i < 2; i++) taken.push(fifo.shift()!);
    }

    expect(fifo.size).toBe(3000);
    expect(fifo.peek()).toBe(6000);
    expect([...taken, ...fifo]).toEqual(Array.from({ length: 9000 }, (_, at) => at));
  });

  it('has nothing to give when it is empty, and goes on', () => {
    const fifo = new Fifo<string>();
    fifo.push('a');
    fifo.shift();

    expect([fifo.size, fifo.peek(), fifo.shift(), ...fifo]).toEqual([0, undefined, undefined]);

    fifo.push('b');
    expect(fifo.peek()).toBe('b');
  });
});
