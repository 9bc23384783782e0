import type { Zxid } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { at, entry, range } from '@corral/persistence/compliance';
import { adler32 } from './adler32.ts';
import { EntryMerge } from './entry-merge.ts';

/** Takes entries as they stand in a file and gives them as they are handed out. */
async function merged(after: number, zxids: readonly number[]): Promise<number[]> {
  const given: number[] = [];
  const merge = new EntryMerge(after as Zxid, ({ zxid, bytes }) => {
    expect(bytes).toEqual(entry(zxid));
    given.push(zxid);
  });
  for (const zxid of zxids) await take(merge, entry(zxid as Zxid));
  await merge.flush();
  return given;
}

async function take(merge: EntryMerge, bytes: Uint8Array): Promise<void> {
  const zxid = Number(new DataView(bytes.buffer).getBigInt64(12)) as Zxid;
  // The window it is a view of is soon read into again.
  const view = bytes.slice();
  await merge.take(
    { zxid, bytes: view, checksum: adler32(bytes, 0, bytes.length), offset: 16, end: 99 },
    'log.1',
  );
  view.fill(0xee);
}

function errorOf(zxid: number): Uint8Array {
  const bytes = entry(zxid as Zxid, 36);
  new DataView(bytes.buffer).setInt32(28, -1);
  return bytes;
}

describe('entries', () => {
  test('in order are handed out as they come', async () => {
    expect(await merged(0, range(1, 9))).toEqual(range(1, 9));
    expect(await merged(4, range(1, 9))).toEqual(range(5, 9));
  });

  test('that come again, late, are handed out once', async () => {
    expect(await merged(0, [1, 2, 3, 1, 2, 4, 5, 3, 4, 6, 5, 6])).toEqual(range(1, 6));
  });

  test('that come before their turn wait for it', async () => {
    expect(await merged(10, [11, 21, 12, 13, 22, 14, 15, 16, 17, 23, 18, 19, 20, 24, 21, 25, 22])).toEqual(
      range(11, 25),
    );
  });

  test('behind a gap are handed out in the end, in order', async () => {
    expect(await merged(0, [1, 5, 4, 9, 4])).toEqual([1, 4, 5, 9]);
  });

  test('of the next epoch do not overtake those that wait', async () => {
    expect(await merged(0, [1, 7, at(1, 1), at(2, 1)])).toEqual([1, 7, at(1, 1), at(2, 1)]);
    expect(await merged(0, [1, 3, at(1, 1), 2, at(2, 1)])).toEqual([1, 2, 3, at(1, 1), at(2, 1)]);
  });

  test('are waited for one at a time, held ones too', async () => {
    const trace: string[] = [];
    const merge = new EntryMerge(at(0), async ({ zxid }) => {
      trace.push(`begin ${zxid}`);
      await Promise.resolve();
      trace.push(`end ${zxid}`);
    });
    for (const zxid of [1, 3, 4, 2]) await take(merge, entry(zxid as Zxid));
    expect(trace).toEqual(range(1, 4).flatMap((zxid) => [`begin ${zxid}`, `end ${zxid}`]));
  });

  test('that wait are counted, so that there is a bound', async () => {
    const merge = new EntryMerge(at(0), () => {});
    for (let zxid = 2; !merge.isFull; zxid++) {
      expect(zxid).toBeLessThan(10_000);
      await take(merge, entry(zxid as Zxid));
    }
    merge.drop();
    expect(merge.isFull).toBe(false);
    expect(merge.isWaiting).toBe(false);
    for (let zxid = 2; !merge.isFull; zxid++) {
      expect(zxid).toBeLessThan(100);
      await take(merge, entry(zxid as Zxid, 1 << 20));
    }
  });
});

describe('the error of a request that could not be read', () => {
  test('is passed over where its zxid is that of an entry before', async () => {
    const given: number[] = [];
    const merge = new EntryMerge(at(0), ({ bytes }) => void given.push(bytes.length));
    for (const bytes of [entry(at(1)), errorOf(1), errorOf(1), entry(at(2)), errorOf(1)])
      await take(merge, bytes);
    expect(given).toEqual([60, 60]);
  });

  test('is an entry like others where it has a zxid of its own', async () => {
    const given: number[] = [];
    const merge = new EntryMerge(at(0), ({ bytes }) => void given.push(bytes.length));
    for (const bytes of [entry(at(1)), errorOf(2), entry(at(3))]) await take(merge, bytes);
    expect(given).toEqual([60, 36, 60]);
  });
});

describe('another entry under a zxid that has passed', () => {
  test('is damage, with file and offset', async () => {
    const merge = new EntryMerge(at(0), () => {});
    for (const zxid of range(1, 3)) await take(merge, entry(zxid));
    const expected = { code: 'DAMAGED', file: 'log.1', offset: 16 };
    await expect(take(merge, entry(at(2), 60, 1))).rejects.toMatchObject(expected);
  });

  test('does not matter below what was asked for', async () => {
    expect(await merged(5, [6, 3, 7, 1])).toEqual([6, 7]);
  });

  test('is damage too where it was never seen', async () => {
    const merge = new EntryMerge(at(10, 1), () => {});
    await take(merge, entry(at(1, 2)));
    await expect(take(merge, entry(at(11, 1)))).rejects.toMatchObject({ code: 'DAMAGED' });
  });
});
