import type { TxnLog } from '@corral/persistence';
import { toZxid, type Zxid } from '@corral/protocol';
import { noMetrics } from '@corral/runtime';
import { SimulatedClock } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { DurableLog } from './commit-path.ts';

/** A log whose syncs end when they are told to. */
class SlowLog implements Pick<TxnLog, 'append' | 'sync' | 'lastZxid'> {
  lastZxid: Zxid = toZxid(0);
  readonly appended: number[] = [];
  readonly syncs: { readonly covers: number; resolve(): void; reject(cause: Error): void }[] = [];

  append(zxid: Zxid): void {
    if (zxid === 666) throw new Error('appending failed');
    this.appended.push(zxid);
    this.lastZxid = zxid;
  }

  sync(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.syncs.push({ covers: this.lastZxid, resolve, reject });
    return promise;
  }
}

function setUp() {
  const log = new SlowLog();
  const clock = new SimulatedClock(0);
  const told: (number | string)[] = [];
  const commits = new DurableLog(log as unknown as TxnLog, clock, noMetrics(), {
    onCommitted: (zxid) => void told.push(zxid),
    onCommitFailed: (cause) => void told.push(String(cause)),
  });
  const propose = (...zxids: number[]): void => {
    for (const zxid of zxids) commits.propose(toZxid(zxid), new Uint8Array(10));
  };
  return { log, clock, told, propose };
}

describe('committing by the local log', () => {
  it('syncs once for all that was proposed in a turn', async () => {
    const { log, clock, told, propose } = setUp();

    propose(1, 2, 3);
    expect(log.syncs).toEqual([]);
    await clock.advanceAsync(0);
    expect(log.syncs.map(({ covers }) => covers)).toEqual([3]);
    expect(told).toEqual([]);

    log.syncs[0]!.resolve();
    await clock.advanceAsync(0);
    expect(told).toEqual([3]);
  });

  it('gathers what comes during a sync for the next, and begins that before it tells of the first', async () => {
    const { log, clock, told, propose } = setUp();
    propose(1);
    await clock.advanceAsync(0);
    propose(2, 3);
    await clock.advanceAsync(0);
    expect(log.syncs).toHaveLength(1);

    log.syncs[0]!.resolve();
    await clock.advanceAsync(0);
    expect(log.syncs.map(({ covers }) => covers)).toEqual([1, 3]);
    expect(told).toEqual([1]);

    log.syncs[1]!.resolve();
    await clock.advanceAsync(0);
    expect(told).toEqual([1, 3]);
  });

  it('does not wait for the end of the turn when there is a lot', () => {
    const { log, propose } = setUp();

    propose(...Array.from({ length: 500 }, (_, i) => i + 1));

    expect(log.syncs).toHaveLength(1);
  });

  it('waits with the next sync for new requests where syncs take long', async () => {
    const { log, clock, told, propose } = setUp();
    propose(1);
    await clock.advanceAsync(0);
    propose(2);
    await clock.advanceAsync(50);

    log.syncs[0]!.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(told).toEqual([1]);
    expect(log.syncs).toHaveLength(1);
    propose(...Array.from({ length: 600 }, (_, i) => i + 3));
    expect(log.syncs).toHaveLength(1);

    await clock.advanceAsync(0);
    expect(log.syncs.map(({ covers }) => covers)).toEqual([1, 602]);
  });

  it('fails once and for ever with a sync that fails', async () => {
    const { log, clock, told, propose } = setUp();
    propose(1);
    await clock.advanceAsync(0);
    propose(2);

    log.syncs[0]!.reject(new Error('gone'));
    await clock.advanceAsync(0);
    propose(3);
    await clock.advanceAsync(0);

    expect(told).toEqual(['Error: gone']);
    expect(log.syncs).toHaveLength(1);
  });

  it('fails with an append that fails, and not from within', async () => {
    const { clock, told, propose } = setUp();

    propose(1, 666);
    expect(told).toEqual([]);
    await clock.advanceAsync(0);

    expect(told).toEqual(['Error: appending failed']);
  });
});
