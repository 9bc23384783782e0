import { describe, expect, it } from 'vitest';
import {
  CreateMode,
  ErrorCode,
  errorName,
  isContainer,
  isCreateMode,
  isEphemeral,
  isSequential,
  isTtl,
  OpCode,
  opName,
  ZooKeeperError,
} from './index.ts';

describe('create modes', () => {
  it.each([
    [CreateMode.PERSISTENT, '0', { ephemeral: false, sequential: false, container: false, ttl: false }],
    [CreateMode.EPHEMERAL, '1', { ephemeral: true, sequential: false, container: false, ttl: false }],
    [
      CreateMode.PERSISTENT_SEQUENTIAL,
      '2',
      { ephemeral: false, sequential: true, container: false, ttl: false },
    ],
    [
      CreateMode.EPHEMERAL_SEQUENTIAL,
      '3',
      { ephemeral: true, sequential: true, container: false, ttl: false },
    ],
    [CreateMode.CONTAINER, '4', { ephemeral: false, sequential: false, container: true, ttl: false }],
    [
      CreateMode.PERSISTENT_WITH_TTL,
      '5',
      { ephemeral: false, sequential: false, container: false, ttl: true },
    ],
    [
      CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
      '6',
      { ephemeral: false, sequential: true, container: false, ttl: true },
    ],
  ])('flags %i', (flags, digit, expected) => {
    expect(String(flags)).toBe(digit);
    expect(isCreateMode(flags)).toBe(true);
    expect({
      ephemeral: isEphemeral(flags),
      sequential: isSequential(flags),
      container: isContainer(flags),
      ttl: isTtl(flags),
    }).toEqual(expected);
  });

  it.each([-1, 7, 99, 0x7fff_ffff])('flags %i name no mode', (flags) => {
    expect(isCreateMode(flags)).toBe(false);
    expect(isEphemeral(flags) || isSequential(flags) || isContainer(flags) || isTtl(flags)).toBe(false);
  });
});

describe('opcodes', () => {
  it('are 33, each with a number of its own', () => {
    const numbers = Object.values(OpCode);
    expect(numbers).toHaveLength(33);
    expect(new Set(numbers).size).toBe(33);
  });

  it.each([
    [14, 'multi'],
    [-11, 'closeSession'],
    [107, 'whoAmI'],
    [10, 'unknown'],
    [99_999, 'unknown'],
  ])('%i is called %s', (code, name) => {
    expect(opName(code)).toBe(name);
  });
});

describe('errors', () => {
  it("have KeeperException's 32 numbers", () => {
    expect(Object.values(ErrorCode)).toEqual([
      0, -1, -2, -3, -4, -5, -6, -7, -8, -12, -13, -14, -100, -101, -102, -103, -108, -110, -111, -112, -113,
      -114, -115, -118, -119, -120, -121, -122, -123, -124, -125, -127,
    ]);
  });

  it('tell code, number and path', () => {
    const error = new ZooKeeperError(ErrorCode.NONODE, '/a');
    expect(error).toMatchObject({ name: 'ZooKeeperError', code: 'NONODE', number: -101, path: '/a' });
    expect(error.message).toBe('NONODE (-101) for /a');
  });

  it('of a number this version does not know keep the number', () => {
    expect(errorName(-4711)).toBe('UNKNOWN');
    expect(new ZooKeeperError(-4711)).toMatchObject({ code: 'UNKNOWN', number: -4711, path: undefined });
  });
});
