import { describe, expect, it } from 'vitest';
import { SimulatedClock } from './index.ts';

describe('a simulated clock', () => {
  it('stands still until it is moved', () => {
    const clock = new SimulatedClock(1000);
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 0]);
    clock.advance(250.5);
    expect([clock.now(), clock.monotonic()]).toEqual([1250, 250.5]);
  });

  it('calls timers at their time, by time and then in the order they were set', () => {
    const { clock, log } = logged();
    clock.after(20, log('20'));
    clock.after(10, log('10, first'));
    clock.after(10, log('10, second'));
    clock.after(0, log('0'));
    clock.advance(19);
    expect(log.lines).toEqual(['0: 0', '10: 10, first', '10: 10, second']);
    clock.advance(1);
    expect(log.lines.at(-1)).toBe('20: 20');
  });

  it('calls many timers in order however they were set', () => {
    const { clock, log } = logged();
    const delays = Array.from({ length: 500 }, (_, i) => (i * 7919) % 1000);
    for (const delay of delays) clock.after(delay, log(''));
    clock.advance(1000);
    const times = log.lines.map((line) => Number.parseInt(line, 10));
    expect(times).toEqual(delays.toSorted((a, b) => a - b));
  });

  it('calls a repeating timer at each interval until it is cancelled, even by itself', () => {
    const { clock, log } = logged();
    const timer = clock.every(10, () => {
      log('tick')();
      if (clock.monotonic() === 30) timer.cancel();
    });
    clock.advance(100);
    expect(log.lines).toEqual(['10: tick', '20: tick', '30: tick']);
  });

  it('does not call what was cancelled, also when it was due at the same time', () => {
    const { clock, log } = logged();
    const second = { cancel: () => {} };
    clock.after(5, () => second.cancel());
    const timer = clock.after(5, log('never'));
    second.cancel = () => timer.cancel();
    clock.advance(10);
    timer.cancel();
    expect(log.lines).toEqual([]);
  });

  it('runs deferred callbacks first come first served, after the timers that are due', () => {
    const { clock, log } = logged();
    clock.defer(() => {
      log('first')();
      clock.defer(log('deferred by the first'));
      clock.after(0, log('timer of the first'));
    });
    clock.defer(log('second'));
    clock.after(0, log('due'));
    clock.advance(0);
    expect(log.lines).toEqual([
      '0: due',
      '0: first',
      '0: second',
      '0: timer of the first',
      '0: deferred by the first',
    ]);
  });

  it('finishes all turns of one moment before the time goes on', () => {
    const { clock, log } = logged();
    clock.after(10, () => clock.defer(() => clock.defer(log('two turns later'))));
    clock.after(11, log('the next moment'));
    clock.advance(20);
    expect(log.lines).toEqual(['10: two turns later', '11: the next moment']);
  });

  it('runs until nothing but repeating timers is left', () => {
    const { clock, log } = logged();
    clock.every(7, () => {});
    clock.after(100, () => clock.after(50, log('last')));
    clock.runUntilIdle();
    expect(log.lines).toEqual(['150: last']);
    expect(clock.monotonic()).toBe(150);
  });

  it('refuses to run for ever', () => {
    const clock = new SimulatedClock(0);
    const again = (): void => void clock.after(10, again);
    again();
    expect(() => clock.runUntilIdle(1000)).toThrow('still busy after 1000 ms');
    const spin = (): void => clock.defer(spin);
    spin();
    expect(() => clock.advance(1)).toThrow('the time stands still');
  });

  it('runs late what fell due during a stall, a repeating timer once', () => {
    const { clock, log } = logged();
    clock.after(10, log('late'));
    clock.every(20, log('tick'));
    clock.stall(100);
    expect(log.lines).toEqual([]);
    clock.advance(30);
    expect(log.lines).toEqual(['100: late', '100: tick', '120: tick']);
  });

  it('lets the wall clock jump without a timer noticing', () => {
    const { clock, log } = logged();
    clock.after(10, log('on time'));
    clock.jumpWallClock(-3_600_000);
    expect(clock.now()).toBe(-3_600_000);
    clock.advance(10);
    expect(log.lines).toEqual(['10: on time']);
  });

  it('lets promise callbacks run between turns when it is asked to', async () => {
    const { clock, log } = logged();
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
    const walk = async (): Promise<string> => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        log(`step ${i}`)();
      }
      return 'there';
    };
    expect(await clock.until(walk())).toBe('there');
    expect(log.lines).toEqual(['10: step 0', '20: step 1', '30: step 2']);
    void walk();
    await clock.advanceAsync(25);
    expect(log.lines.slice(3)).toEqual(['40: step 0', '50: step 1']);
    expect(clock.monotonic()).toBe(55);
  });

  it('begins no turn before all promise callbacks of the one before have run, however many follow one another', async () => {
    const { clock, log } = logged();
    clock.after(10, async () => {
      for (let i = 0; i < 1000; i++) await Promise.resolve();
      log('first')();
    });
    clock.after(10.5, log('second'));
    await clock.advanceAsync(20);
    expect(log.lines).toEqual(['10: first', '10.5: second']);
  });

  it('passes on a rejection, and does not wait for ever', async () => {
    const clock = new SimulatedClock(0);
    await expect(clock.until(Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(clock.until(new Promise(() => {}), 500)).rejects.toThrow('not settled after 500 ms');
    expect(clock.monotonic()).toBe(500);
  });
});

interface Log {
  (what: string): () => void;
  readonly lines: string[];
}

/** Lines say when. */
function logged(): { clock: SimulatedClock; log: Log } {
  const clock = new SimulatedClock(0);
  const lines: string[] = [];
  const log = Object.assign((what: string) => () => void lines.push(`${clock.monotonic()}: ${what}`), {
    lines,
  });
  return { clock, log };
}
