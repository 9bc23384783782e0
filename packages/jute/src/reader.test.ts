import { describe, expect, it } from 'vitest';
import { failureOf, hex } from '../test/bytes.ts';
import { JuteError } from './error.ts';
import { MAX_BUFFER_DEFAULT } from './limits.ts';
import { JuteReader } from './reader.ts';

const reader = (bytes: string): JuteReader => new JuteReader(hex(bytes));

describe('a value', () => {
  it.each<[string, string, (r: JuteReader) => unknown, unknown]>([
    ['a boolean, false', '00', (r) => r.readBool(), false],
    ['a boolean, true', '01', (r) => r.readBool(), true],
    ['a boolean, any other byte', '80', (r) => r.readBool(), true],
    ['an int', '00000102', (r) => r.readInt(), 258],
    ['the smallest int', '80000000', (r) => r.readInt(), -2_147_483_648],
    ['the largest int', '7fffffff', (r) => r.readInt(), 2_147_483_647],
    ['a long', '0100001a07f00000', (r) => r.readLong(), 0x0100001a07f00000n],
    ['the smallest long', '8000000000000000', (r) => r.readLong(), -0x8000000000000000n],
    ['a long as a number', '0000000300000009', (r) => r.readLongNumber(), 3 * 2 ** 32 + 9],
    ['a negative long as a number', 'ffffffffffffffff', (r) => r.readLongNumber(), -1],
    ['the largest long that a number holds', '001fffffffffffff', (r) => r.readLongNumber(), 2 ** 53 - 1],
    ['the smallest', 'ffe0000000000001', (r) => r.readLongNumber(), 1 - 2 ** 53],
    ['a long beyond that, drawn in', '7fffffffffffffff', (r) => r.readLongSaturated(), 2 ** 53 - 1],
    ['a long below that, drawn in', '8000000000000000', (r) => r.readLongSaturated(), 1 - 2 ** 53],
    ['a long within, left alone', 'fffffffffffffffe', (r) => r.readLongSaturated(), -2],
    ['a buffer', '00000002 6869', (r) => r.readBuffer(), hex('6869')],
    ['an empty buffer', '00000000', (r) => r.readBuffer(), new Uint8Array(0)],
    ['a null buffer', 'ffffffff', (r) => r.readBuffer(), null],
    ['a string', '00000002 2f61', (r) => r.readString(), '/a'],
    ['an empty string', '00000000', (r) => r.readString(), ''],
    ['a null string', 'ffffffff', (r) => r.readString(), null],
    ['a vector of strings', '00000002 00000001 61 ffffffff', (r) => r.readStrings(), ['a', null]],
    ['an empty vector', '00000000', (r) => r.readStrings(), []],
    ['a null vector', 'ffffffff', (r) => r.readStrings(), null],
  ])('%s: %s', (_name, bytes, read, value) => {
    const r = reader(bytes);
    expect(read(r)).toEqual(value);
    expect(r.remaining).toBe(0);
  });

  it('is found behind the one before it, and offsets count from the start of the bytes', () => {
    const r = reader('00000007 01 00000001 61 ffffffffffffffff');
    expect([r.readInt(), r.readBool(), r.readString(), r.readLong()]).toEqual([7, true, 'a', -1n]);
    expect(r.offset).toBe(18);
  });

  it('may be looked at without moving on', () => {
    const r = reader('00000007');
    expect(r.peekInt()).toBe(7);
    expect(r.readInt()).toBe(7);
    expect(failureOf(() => r.peekInt())).toMatchObject({ code: 'TRUNCATED', offset: 4 });
  });
});

describe('bytes are refused, with code and offset,', () => {
  it.each<[string, string, (r: JuteReader) => unknown, string, number]>([
    ['where a boolean is missing', '', (r) => r.readBool(), 'TRUNCATED', 0],
    ['where an int is cut short', '000000', (r) => r.readInt(), 'TRUNCATED', 0],
    ['where a long is cut short', '00000000000000', (r) => r.readLong(), 'TRUNCATED', 0],
    ['where a long as a number is cut short', '00000000000000', (r) => r.readLongNumber(), 'TRUNCATED', 0],
    ['where a long to be drawn in is cut short', '00', (r) => r.readLongSaturated(), 'TRUNCATED', 0],
    ['where a long is beyond 2^53 - 1', '0020000000000000', (r) => r.readLongNumber(), 'OUT_OF_RANGE', 0],
    ['where a long is beyond -(2^53 - 1)', 'ffe0000000000000', (r) => r.readLongNumber(), 'OUT_OF_RANGE', 0],
    ['where a length is cut short', '0000', (r) => r.readBuffer(), 'TRUNCATED', 0],
    ['where a buffer is shorter than it says', '00000003 6869', (r) => r.readBuffer(), 'TRUNCATED', 0],
    ['where a string is shorter than it says', '00000003 6869', (r) => r.readString(), 'TRUNCATED', 0],
    ['where a length is -2', 'fffffffe', (r) => r.readBuffer(), 'BAD_LENGTH', 0],
    ['where a length is the smallest int', '80000000', (r) => r.readString(), 'BAD_LENGTH', 0],
    ['where a length is the largest int', '7fffffff', (r) => r.readString(), 'BAD_LENGTH', 0],
    ['where a string is not UTF-8, at its first byte', '00000002 c0af', (r) => r.readString(), 'BAD_TEXT', 4],
    ['where a count is -2', 'fffffffe', (r) => r.readStrings(), 'BAD_LENGTH', 0],
    ['where a count is more than can follow', '7fffffff 00000000', (r) => r.readStrings(), 'TRUNCATED', 0],
    [
      'where a count is one more than can follow',
      '00000002 00000000',
      (r) => r.readStrings(),
      'TRUNCATED',
      0,
    ],
    ['where an element is cut short', '00000001 00000005 61', (r) => r.readStrings(), 'TRUNCATED', 4],
    ['where bytes are skipped that are not there', '0000', (r) => r.skip(3), 'TRUNCATED', 0],
    ['where bytes are left over', '0000', (r) => r.expectEnd(), 'TRAILING', 0],
  ])('%s', (_where, bytes, read, code, offset) => {
    const failure = failureOf(() => read(reader(bytes)));
    expect(failure).toBeInstanceOf(JuteError);
    expect(failure).toMatchObject({ name: 'JuteError', code, offset });
    expect((failure as JuteError).message).toMatch(new RegExp(`^${code} at byte ${offset}: `));
  });

  it('where a value is longer than the bound, though all of it is there', () => {
    const bytes = new Uint8Array(4 + 11);
    bytes[3] = 11;
    expect(new JuteReader(bytes, 11).readBuffer()).toHaveLength(11);
    expect(failureOf(() => new JuteReader(bytes, 10).readBuffer())).toMatchObject({
      code: 'BAD_LENGTH',
      offset: 0,
    });
    expect(failureOf(() => new JuteReader(bytes, 10).readString())).toMatchObject({
      code: 'BAD_LENGTH',
      offset: 0,
    });
  });

  it('where a value is longer than jute.maxbuffer and its extra size, when no bound is given', () => {
    const bytes = new Uint8Array(4 + MAX_BUFFER_DEFAULT * 2 + 1);
    new DataView(bytes.buffer).setInt32(0, MAX_BUFFER_DEFAULT * 2);
    expect(new JuteReader(bytes).readBuffer()).toHaveLength(2_097_150);
    new DataView(bytes.buffer).setInt32(0, MAX_BUFFER_DEFAULT * 2 + 1);
    expect(failureOf(() => new JuteReader(bytes).readBuffer())).toMatchObject({ code: 'BAD_LENGTH' });
  });
});

describe('one reader serves many frames', () => {
  it('and never reads beyond the one it stands in', () => {
    const chunk = hex('aaaaaaaa 00000001 bbbbbbbb 00000000000000ff');
    const r = new JuteReader();
    r.reset(chunk, 4, 8);
    expect(r.remaining).toBe(4);
    expect(r.readInt()).toBe(1);
    expect(failureOf(() => r.readBool())).toMatchObject({ code: 'TRUNCATED', offset: 8 });
    r.reset(chunk, 12);
    expect(r.readLong()).toBe(255n);
    expect(r.end).toBe(chunk.length);
    r.reset(hex('00000000000000fe'));
    expect(r.readLong()).toBe(254n);
  });

  it('nor believes a length that only the next frame would fill', () => {
    const chunk = hex('00000003 6869 6a6b');
    const r = new JuteReader();
    for (const read of [() => r.readLength(), () => r.readBuffer(), () => r.readString()]) {
      r.reset(chunk, 0, 6);
      expect(failureOf(read)).toMatchObject({ code: 'TRUNCATED', offset: 0 });
    }
  });

  it('also where a frame is a view into a larger buffer', () => {
    const pool = hex('ffffffffffffffff 0000000000000007 ffffffff');
    const r = new JuteReader(pool.subarray(8, 16));
    expect(r.readLong()).toBe(7n);
    r.reset(pool.subarray(8, 16));
    expect(r.readLongNumber()).toBe(7);
    expect(r.offset).toBe(8);
  });

  it('and hands out buffers as views of it, which cost nothing', () => {
    const frame = hex('00000002 6869');
    const view = new JuteReader(frame).readBuffer()!;
    frame[4] = 0x6f;
    expect(view).toEqual(hex('6f69'));
    expect(view.buffer).toBe(frame.buffer);
  });
});
