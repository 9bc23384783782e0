import { zxidOf, type Zxid } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { ContiguityCheck, isContiguous, PersistenceError } from './index.ts';

const z = (epoch: number, counter: number): Zxid => zxidOf(epoch, counter);

describe('an entry may follow', () => {
  test.each([
    ['the next one of the epoch', z(3, 7), z(3, 8), true],
    ['one that leaves a gap', z(3, 7), z(3, 9), false],
    ['itself', z(3, 7), z(3, 7), false],
    ['one before', z(3, 7), z(3, 6), false],
    ['the first of the next epoch', z(3, 7), z(4, 1), true],
    ['the first of a later epoch', z(3, 7), z(9, 1), true],
    ['the second of the next epoch', z(3, 7), z(4, 2), false],
    ['the first of an earlier epoch', z(3, 7), z(2, 1), false],
    ['the first of its own epoch', z(3, 7), z(3, 1), false],
    ['the first ever', z(0, 0), z(0, 1), true],
    ['the first of an ensemble after an empty tree', z(0, 0), z(1, 1), true],
    ['the first after a snapshot taken as the epoch began', z(4, 0), z(4, 1), true],
    ['one beyond the end of the counter of a standalone server', z(0, 0xffff_ffff), z(1, 0), true],
    ['counter 0 of the next epoch, and 1 behind it', z(3, 7), z(4, 0), true],
  ])('%s: %d, %d: %s', (_what, previous, next, expected) => {
    expect(isContiguous(previous, next)).toBe(expected);
  });
});

describe('a replay', () => {
  const entry = (zxid: Zxid) => ({ zxid, bytes: new Uint8Array(0), file: 'log.5', offset: 99 });

  test('passes entries that follow the snapshot and each other', () => {
    const check = new ContiguityCheck(z(1, 4));
    for (const zxid of [z(1, 5), z(1, 6), z(3, 1), z(3, 2)]) check.pass(entry(zxid));
    expect(check.last).toBe(z(3, 2));
  });

  test('stops where entries are missing, with file and offset', () => {
    const check = new ContiguityCheck(z(1, 4));
    check.pass(entry(z(1, 5)));
    const expected = { code: 'DAMAGED', file: 'log.5', offset: 99 };
    expect(() => check.pass(entry(z(1, 7)))).toThrow(expect.objectContaining(expected));
    expect(() => check.pass(entry(z(1, 7)))).toThrow(PersistenceError);
    expect(check.last).toBe(z(1, 5));
  });

  test('stops where the first entry does not follow the snapshot', () => {
    expect(() => new ContiguityCheck(z(1, 4)).pass(entry(z(1, 6)))).toThrow(
      /100000004 and 100000006 are missing/,
    );
  });
});
