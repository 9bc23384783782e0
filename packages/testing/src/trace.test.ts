import { describe, expect, it } from 'vitest';
import { Trace } from './trace.ts';

describe('a trace', () => {
  it('is the same for the same steps, and another for each that differs', () => {
    const hashes = [
      ['start', 's1', 0],
      ['start', 's1', 0],
      ['start', 's2', 0],
      ['starts', '1', 0],
      ['start', 's1', 1],
      ['start', 's1', 0.5],
    ].map(([what, who, a]) => {
      const trace = new Trace(() => 7);
      trace.note(what as string, who as string, a as number);
      return trace.hash;
    });
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(5);
  });

  it('takes in the time, the order and every byte', () => {
    const hashOf = (write: (trace: Trace) => void, time = 0): string => {
      const trace = new Trace(() => time);
      write(trace);
      return trace.hash;
    };
    const bytes = (...values: number[]) =>
      hashOf((trace) => trace.bytes('data', 'a', Uint8Array.from(values)));
    const note = (time: number) => hashOf((trace) => trace.note('x', 'a'), time);
    const [xy, yx] = ['xy', 'yx'].map((order) =>
      hashOf((trace) => {
        for (const what of order) trace.note(what, 'a');
      }),
    );
    expect(new Set([bytes(1, 2), bytes(2, 1), bytes(1, 2, 0), note(0), note(1), xy, yx]).size).toBe(7);
  });

  it('tells as its story what does not happen all the time', () => {
    const trace = new Trace(() => 2);
    trace.note('dies', 's1');
    for (let at = 0; at < 1000; at++) trace.bytes('data', 's2', new Uint8Array(3));
    trace.often('synced', 's2', 7);
    trace.note('leader', 's3', 4);
    expect(trace.story()).toEqual(['#0 2.000 ms s1 dies', '#1002 2.000 ms s3 leader 4']);
    expect(trace.last(2)).toEqual(['#1001 2.000 ms s2 synced 7', '#1002 2.000 ms s3 leader 4']);
  });

  it('shows its newest lines, oldest first, with the number of their step', () => {
    const trace = new Trace(() => 1.25);
    for (let zxid = 0; zxid < 1000; zxid++) trace.note('commit', 's1', zxid);
    expect(trace.last(2)).toEqual(['#998 1.250 ms s1 commit 998', '#999 1.250 ms s1 commit 999']);
    expect(trace.last().length).toBeLessThan(1000);
  });
});
