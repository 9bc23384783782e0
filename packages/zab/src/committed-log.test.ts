import { zxidOf } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { CommittedLog } from './committed-log.ts';

const entry = new Uint8Array(10);

function logOf(first: number, count: number, options?: { count?: number; bytesMax?: number }): CommittedLog {
  const log = new CommittedLog(options);
  for (let i = 0; i < count; i++) log.add(zxidOf(1, first + i), entry);
  return log;
}

function zxids(log: CommittedLog): number[] {
  return Array.from({ length: log.size }, (_, i) => log.zxidAt(i));
}

describe('a committed log', () => {
  it('keeps the last 500, or as many as it is told', () => {
    expect(logOf(1, 499).min).toBe(zxidOf(1, 1));
    expect(logOf(1, 1200)).toMatchObject({ size: 500, min: zxidOf(1, 701), max: zxidOf(1, 1200) });
    expect(logOf(1, 1200, { count: 10 }).size).toBe(10);
    expect(logOf(1, 1200, { count: 700 }).size).toBe(700);
  });

  it('keeps no more bytes than its bound, but always the newest', () => {
    expect(logOf(1, 100, { bytesMax: 95 }).size).toBe(9);

    const log = logOf(1, 3, { bytesMax: 95 });
    log.add(zxidOf(1, 4), new Uint8Array(1000));

    expect(zxids(log)).toEqual([zxidOf(1, 4)]);
  });

  it('goes on in a later epoch', () => {
    const log = logOf(1, 3);
    log.add(zxidOf(4, 1), entry);

    expect(log).toMatchObject({ size: 4, min: zxidOf(1, 1), max: zxidOf(4, 1) });
  });

  it.each([zxidOf(1, 5), zxidOf(2, 2)])('forgets all that is before a gap (%d)', (zxid) => {
    const log = logOf(1, 3);
    log.add(zxid, entry);

    expect(zxids(log)).toEqual([zxid]);
  });

  it('leaves out what repeats a zxid, and takes nothing older', () => {
    const log = logOf(1, 3);
    log.add(zxidOf(1, 3), new Uint8Array(1));

    expect(log.size).toBe(3);
    expect(log.entryAt(2)).toBe(entry);
    expect(() => log.add(zxidOf(1, 2), entry)).toThrow(RangeError);
  });

  it('finds the first above any zxid', () => {
    const log = logOf(600, 800);

    expect(log.indexAbove(zxidOf(0, 5))).toBe(0);
    expect(log.indexAbove(log.min)).toBe(1);
    expect(log.zxidAt(log.indexAbove(zxidOf(1, 1000)))).toBe(zxidOf(1, 1001));
    expect(log.indexAbove(log.max)).toBe(500);
  });

  it('is cut where the log is cut, and goes on from there', () => {
    const log = logOf(1, 1000);
    log.truncate(zxidOf(1, 600));
    log.add(zxidOf(2, 1), entry);

    expect(log).toMatchObject({ size: 101, min: zxidOf(1, 501), max: zxidOf(2, 1) });

    log.truncate(zxidOf(1, 3));

    expect(log).toMatchObject({ size: 0, min: 0, max: 0 });
  });
});
