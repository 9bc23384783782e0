import { describe, expect, test } from 'vitest';
import { recordLog } from '../test/record-log-writer.ts';
import { findRecordBehind, scanRecords, type RecordLogEnd } from './record-log.ts';

const BLOCK = 32 * 1024;

function bytesOf(length: number, salt = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + salt * 31) | 1);
}

function scan(bytes: Uint8Array): { records: Uint8Array[]; end: RecordLogEnd } {
  const records: Uint8Array[] = [];
  const end = scanRecords(bytes, (record) => records.push(record));
  return { records, end };
}

describe('a record log', () => {
  test.each([
    ['no records', []],
    ['small records', [10, 0, 1, 300]],
    ['a record of one block', [BLOCK - 7]],
    ['records that leave exactly a head in a block', [BLOCK - 14, 5]],
    ['records that leave less than a head in a block', [BLOCK - 7 - 3, 5]],
    ['a record over many blocks', [5, 3 * BLOCK, 5]],
  ])('of %s is read as it was written', (_, lengths) => {
    const written = lengths.map((length, i) => bytesOf(length, i));
    const log = recordLog(written);

    const { records, end } = scan(log);

    expect(records.map((record) => Buffer.from(record))).toEqual(written.map((bytes) => Buffer.from(bytes)));
    expect(end).toEqual({ offset: log.length, fault: undefined });
  });

  test('that a crash has followed by zeros ends with its last record', () => {
    const log = recordLog([bytesOf(100), bytesOf(200)]);
    const padded = new Uint8Array(log.length + 2 * BLOCK);
    padded.set(log);

    expect(scan(padded).end).toEqual({ offset: log.length, fault: undefined });
  });

  test('cut at any byte has the records before the cut, and says that one is not whole', () => {
    const log = recordLog([bytesOf(30), bytesOf(20), bytesOf(40)]);
    const ends = [0, 37, 64, 111];

    for (let length = 0; length < log.length; length++) {
      const { records, end } = scan(log.subarray(0, length));
      const whole = ends.findLastIndex((at) => at <= length);
      expect(records.length).toBe(whole);
      expect(end.offset).toBe(ends[whole]);
      expect(end.fault === undefined).toBe(ends.includes(length));
      expect(
        end.fault === undefined ? undefined : findRecordBehind(log.subarray(0, length), end.fault.offset),
      ).toBe(undefined);
    }
  });

  test('with any byte flipped ends before the record of that byte, and a record behind it is found', () => {
    const log = recordLog([bytesOf(30), bytesOf(20), bytesOf(40)]);

    for (let at = 0; at < 64; at++) {
      const damaged = log.slice();
      damaged[at]! ^= 1 << (at % 8);
      const { records, end } = scan(damaged);
      expect(records.length).toBe(at < 37 ? 0 : 1);
      expect(end.fault?.offset).toBe(at < 37 ? 0 : 37);
      expect(findRecordBehind(damaged, end.fault!.offset)).toBe(at < 37 ? 37 : 64);
    }
  });

  test('that lost a block is found to go on behind it', () => {
    const log = recordLog([bytesOf(100), bytesOf(3 * BLOCK), bytesOf(50)]);
    const { fault } = scan(log.fill(0, BLOCK, 2 * BLOCK)).end;

    expect(fault).toEqual({ message: 'zeros, then data', offset: BLOCK });
    expect(findRecordBehind(log, BLOCK)).toBe(log.length - 57);
  });

  test('whose last record lost a block has none behind it', () => {
    const log = recordLog([bytesOf(100), bytesOf(3 * BLOCK)]);
    const { offset, fault } = scan(log.fill(0, BLOCK, 2 * BLOCK)).end;

    expect(offset).toBe(107);
    expect(findRecordBehind(log, fault!.offset)).toBe(undefined);
  });

  test('in which a record begins inside another, or ends without a beginning, is not whole', () => {
    const whole = recordLog([bytesOf(2 * BLOCK), bytesOf(10)]);
    const other = recordLog([bytesOf(10), bytesOf(BLOCK)]);

    expect(scan(whole.subarray(BLOCK)).end.fault?.message).toBe('a record without its beginning');
    expect(scan(Buffer.concat([whole.subarray(0, BLOCK), other])).end.fault?.message).toBe(
      'a record begins inside another',
    );
  });
});
