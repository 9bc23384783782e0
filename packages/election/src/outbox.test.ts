import { describe, expect, it } from 'vitest';
import { Outbox } from './outbox.ts';

describe('the time to come back', () => {
  it('is named once at the end of a step, and only where it is news', () => {
    const outbox = new Outbox();
    outbox.wake(100);
    outbox.wake(200);
    expect(outbox.take()).toEqual([{ kind: 'wake', at: 200 }]);
    outbox.wake(200);
    expect(outbox.take()).toEqual([]);
  });

  it('is named again where the host has come back and there was nothing to do yet', () => {
    const outbox = new Outbox();
    outbox.wake(200);
    outbox.take();
    outbox.woken();
    outbox.wake(200);
    expect(outbox.take()).toEqual([{ kind: 'wake', at: 200 }]);
  });
});
