import { SimulatedClock } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { ServerProcess } from './server-process.ts';

describe('a server among others in one process', () => {
  const begin = (): { clock: SimulatedClock; process: ServerProcess; calls: string[] } => {
    const clock = new SimulatedClock(0);
    const process = new ServerProcess(clock);
    const calls: string[] = [];
    process.clock.after(10, () => calls.push('once'));
    process.clock.every(20, () => calls.push('again'));
    process.clock.defer(() => calls.push('deferred'));
    return { clock, process, calls };
  };

  it('is called as long as it lives, and leaves no timer behind', () => {
    const { clock, process, calls } = begin();

    clock.advance(50);
    process.end();
    clock.advance(50);

    expect(calls).toEqual(['deferred', 'once', 'again', 'again']);
  });

  it('finds what fell due in a pause, what repeats only once', () => {
    const { clock, process, calls } = begin();

    process.pause();
    clock.advance(50);
    expect(calls).toEqual([]);
    process.resume();

    expect(calls).toEqual(['deferred', 'once', 'again']);
  });

  it('is not called by a timer that it cancels when it goes on', () => {
    const clock = new SimulatedClock(0);
    const process = new ServerProcess(clock);
    let isCalled = false;
    process.clock.after(10, () => second.cancel());
    const second = process.clock.after(20, () => (isCalled = true));

    process.pause();
    clock.advance(50);
    process.resume();

    expect(isCalled).toBe(false);
  });

  it('hears nothing of a pause that it does not survive', () => {
    const { clock, process, calls } = begin();

    process.pause();
    clock.advance(50);
    process.end();
    process.resume();

    expect(calls).toEqual([]);
  });
});
