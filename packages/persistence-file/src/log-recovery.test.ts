import type { PersistenceError } from '@corral/persistence';
import { crashImage, MemoryDisk } from '@corral/persistence/memory';
import { describe, expect, test } from 'vitest';
import {
  contentOf,
  cutTo,
  DIRECTORY,
  hex,
  namesOn,
  openOn,
  overwrite,
  put,
  RECORD_BYTES,
  recordAt,
  remove,
  withLogs,
  zxidsIn,
} from '../test/files.ts';
import { at, entry, range } from '@corral/persistence/compliance';

const ZEROS = new Uint8Array(512);
const GARBAGE = new Uint8Array(40).fill(0xab);

/** log.1 holds 1 to 20, log.15 holds 21 to 40, in hexadecimal names; the process has died. */
async function twoLogs(): Promise<MemoryDisk> {
  return withLogs(new MemoryDisk(), [range(1, 20), range(21, 40)]);
}

/** The same, as Apache leaves it: nothing tells how far it was synced. */
async function twoLogsOfApache(): Promise<MemoryDisk> {
  const disk = await twoLogs();
  await remove(disk, 'corral.synced');
  return disk;
}

async function damageOf(disk: MemoryDisk): Promise<PersistenceError> {
  const failure = await openOn(disk).then(
    async (storage) => {
      await storage.log.read(at(0), () => {});
      throw new Error('nothing was found wrong');
    },
    (error: unknown) => error,
  );
  return failure as PersistenceError;
}

async function readDamageOf(disk: MemoryDisk): Promise<PersistenceError> {
  const storage = await openOn(disk);
  return storage.log
    .read(at(0), () => {})
    .then(
      () => {
        throw new Error('nothing was found wrong');
      },
      (error: unknown) => error as PersistenceError,
    );
}

describe('a torn tail', () => {
  test.each([
    ['garbage', GARBAGE],
    ['the head of a record', hex('00000000 12345678 0000003c 0101')],
    ['a record without its last byte', 'short' as const],
    ['a record of which a part is zeros', 'hole' as const],
  ])('that is %s is cut off, a copy is kept, and the repair is told', async (_what, what) => {
    const disk = await twoLogs();
    const other = await contentOf(await withLogs(new MemoryDisk(), [[at(41)]]), 'log.29');
    const record = other.subarray(16, recordAt(1));
    const tail =
      what === 'short'
        ? record.subarray(0, RECORD_BYTES - 1)
        : what === 'hole'
          ? record.slice().fill(0, 20, 40)
          : what;
    await overwrite(disk, 'log.15', recordAt(20), tail);

    const storage = await openOn(disk);

    expect(storage.log.lastZxid).toBe(40);
    expect(await zxidsIn(storage)).toEqual(range(1, 40));
    expect(storage.state.repairs).toHaveLength(1);
    expect(storage.state.repairs[0]).toContain(`log.15 was torn at byte ${recordAt(20)}`);
    expect(await contentOf(disk, `torn-log.15-at-${recordAt(20)}`)).toEqual(tail);
    expect(await disk.stat(`${DIRECTORY}/log.15`)).toMatchObject({ size: recordAt(20) });
    await storage.close();
    expect((await openOn(disk)).state.repairs).toEqual([]);
  });

  test('of a log of Apache is cut off too', async () => {
    const disk = await twoLogsOfApache();
    await overwrite(disk, 'log.15', recordAt(20), GARBAGE);
    const storage = await openOn(disk);
    expect(await zxidsIn(storage)).toEqual(range(1, 40));
    expect(storage.state.repairs).toHaveLength(1);
  });

  test('may have whole records behind the break, if none of it was ever synced', async () => {
    const disk = await twoLogs();
    const record = (await contentOf(disk, 'log.15')).subarray(recordAt(19), recordAt(20));
    await overwrite(disk, 'log.15', recordAt(20) + 512, record);
    const storage = await openOn(disk);
    expect(await zxidsIn(storage)).toEqual(range(1, 40));
    expect(storage.state.repairs[0]).toContain('zeros, then data');
  });
});

describe('a file without a record that is the newest', () => {
  test.each([
    ['is empty', new Uint8Array(0)],
    ['ends within its header', hex('5a4b4c47 00')],
    ['holds a header only', hex('5a4b4c47 00000002 0000000000000000')],
    ['holds a header and padding', hex(`5a4b4c47 00000002 0000000000000000 ${'00'.repeat(5000)}`)],
    ['holds zeros only', new Uint8Array(5000)],
  ])('and %s is what a crash leaves, and is removed', async (_what, content) => {
    const disk = await twoLogs();
    await put(disk, 'log.29', content);
    const storage = await openOn(disk);
    expect(storage.log.lastZxid).toBe(40);
    expect(storage.state.repairs).toEqual(['log.29 held no transaction and was removed']);
    expect(await namesOn(disk)).not.toContain('log.29');
    storage.log.append(at(41), entry(at(41)));
    await storage.log.sync();
    expect(await zxidsIn(storage)).toEqual(range(1, 41));
  });

  test('and holds a torn record only is removed after a copy has been kept', async () => {
    const disk = await twoLogs();
    await put(disk, 'log.29', hex(`5a4b4c47 00000002 0000000000000000 ${'ab'.repeat(30)}`));
    const storage = await openOn(disk);
    expect(storage.state.repairs).toHaveLength(2);
    expect(await contentOf(disk, 'torn-log.29-at-16')).toEqual(hex('ab'.repeat(30)));
  });
});

describe('damage in the newest file', () => {
  test.each([
    [
      '512 zeros in its middle',
      recordAt(6),
      (disk: MemoryDisk) => overwrite(disk, 'log.15', recordAt(6), ZEROS),
    ],
    ['a flipped bit in an entry', recordAt(3), (disk: MemoryDisk) => flip(disk, 'log.15', recordAt(3) + 50)],
    ['a flipped bit in a checksum', recordAt(3), (disk: MemoryDisk) => flip(disk, 'log.15', recordAt(3) + 7)],
    ['a flipped bit in a length', recordAt(3), (disk: MemoryDisk) => flip(disk, 'log.15', recordAt(3) + 11)],
    [
      'a length of 2 GiB',
      recordAt(3),
      (disk: MemoryDisk) => overwrite(disk, 'log.15', recordAt(3) + 8, hex('7fffffff')),
    ],
    [
      'a negative length',
      recordAt(3),
      (disk: MemoryDisk) => overwrite(disk, 'log.15', recordAt(3) + 8, hex('ffffffff')),
    ],
    [
      'a record without its end',
      recordAt(3),
      (disk: MemoryDisk) => overwrite(disk, 'log.15', recordAt(4) - 1, ZEROS.subarray(0, 1)),
    ],
    ['a wrong header', 0, (disk: MemoryDisk) => overwrite(disk, 'log.15', 0, hex('5a4b534e'))],
    ['another version', 0, (disk: MemoryDisk) => overwrite(disk, 'log.15', 4, hex('00000003'))],
  ])('such as %s refuses with file and offset', async (_what, offset, inflict) => {
    for (const disk of [await twoLogs(), await twoLogsOfApache()]) {
      await inflict(disk);
      expect(await damageOf(disk)).toMatchObject({ code: 'DAMAGED', file: `${DIRECTORY}/log.15`, offset });
    }
  });

  test('leaves everything as it was', async () => {
    const disk = await twoLogs();
    await overwrite(disk, 'log.15', recordAt(6), ZEROS);
    const before = await namesOn(disk);
    const content = await contentOf(disk, 'log.15');
    await damageOf(disk);
    expect(await namesOn(disk)).toEqual(before);
    expect(await contentOf(disk, 'log.15')).toEqual(content);
  });

  test('is a first record that is not the one in the name', async () => {
    const disk = await twoLogs();
    await disk.rename(`${DIRECTORY}/log.15`, `${DIRECTORY}/log.16`);
    await remove(disk, 'corral.synced');
    expect(await damageOf(disk)).toMatchObject({ code: 'DAMAGED', file: `${DIRECTORY}/log.16`, offset: 16 });
  });

  test('is a name that Apache would take for a log and we cannot read', async () => {
    for (const name of ['log.15.bak', 'log.zz', 'log.', 'log.1A', 'log.ffffffffffffffff']) {
      const disk = await twoLogs();
      await put(disk, name, GARBAGE);
      expect(await damageOf(disk)).toMatchObject({ code: 'DAMAGED', file: `${DIRECTORY}/${name}` });
    }
  });
});

describe('what was synced and is gone, where we wrote the log,', () => {
  test.each([
    [
      'zeros from some record to the end',
      recordAt(12),
      (disk: MemoryDisk) => overwrite(disk, 'log.15', recordAt(12), new Uint8Array(8 * RECORD_BYTES)),
    ],
    [
      'a file cut within a record',
      recordAt(12),
      (disk: MemoryDisk) => cutTo(disk, 'log.15', recordAt(12) + 30),
    ],
    [
      'the last record cut short',
      recordAt(19),
      (disk: MemoryDisk) => cutTo(disk, 'log.15', recordAt(20) - 10),
    ],
    ['a file cut between records', recordAt(12), (disk: MemoryDisk) => cutTo(disk, 'log.15', recordAt(12))],
    ['an empty newest file', 0, (disk: MemoryDisk) => cutTo(disk, 'log.15', 0)],
    [
      'a newest file of zeros',
      0,
      (disk: MemoryDisk) => overwrite(disk, 'log.15', 0, new Uint8Array(recordAt(20))),
    ],
    ['a missing newest file', 0, (disk: MemoryDisk) => remove(disk, 'log.15')],
  ])('%s refuses', async (_what, offset, inflict) => {
    const disk = await twoLogs();
    await inflict(disk);
    expect(await damageOf(disk)).toMatchObject({ code: 'DAMAGED', file: `${DIRECTORY}/log.15`, offset });
  });

  test('is known of the file before an empty newest one, too', async () => {
    const disk = await twoLogs();
    const storage = await openOn(disk);
    disk.faults = ({ path, position }) =>
      path.endsWith('log.29') && position === 16 ? { error: 'IO' } : undefined;
    storage.log.append(at(41), entry(at(41)));
    await expect(storage.log.sync()).rejects.toMatchObject({ code: 'IO' });
    const next = disk.afterProcessDeath();
    await overwrite(next, 'log.15', recordAt(18), new Uint8Array(2 * RECORD_BYTES));
    expect(await damageOf(next)).toMatchObject({ file: `${DIRECTORY}/log.15`, offset: recordAt(18) });
  });

  test('a mark that cannot be read is as good as none', async () => {
    const disk = await twoLogs();
    await flip(disk, 'corral.synced', 3);
    await overwrite(disk, 'log.15', recordAt(12), new Uint8Array(8 * RECORD_BYTES));
    expect(await zxidsIn(await openOn(disk))).toEqual(range(1, 32));
  });

  test('is known of a file before the newest, too, when it is read', async () => {
    const disk = await twoLogs();
    await overwrite(disk, 'log.1', recordAt(12), new Uint8Array(8 * RECORD_BYTES));
    const storage = await openOn(disk);
    const file = `${DIRECTORY}/log.1`;
    await expect(zxidsIn(storage)).rejects.toMatchObject({ file, offset: recordAt(12) });
    await cutTo(disk, 'log.1', recordAt(11));
    await expect(zxidsIn(storage)).rejects.toMatchObject({ file, offset: recordAt(11) });
  });

  test('does not count once Apache has written newer files', async () => {
    const disk = await twoLogs();
    const other = await contentOf(await withLogs(new MemoryDisk(), [range(41, 45)]), 'log.29');
    await put(disk, 'log.29', other);
    expect(await zxidsIn(await openOn(disk))).toEqual(range(1, 45));
  });
});

describe('damage in an older file', () => {
  test.each([
    ['zeros and then data', recordAt(6), (disk: MemoryDisk) => overwrite(disk, 'log.1', recordAt(6), ZEROS)],
    ['a flipped bit', recordAt(3), (disk: MemoryDisk) => flip(disk, 'log.1', recordAt(3) + 50)],
    [
      'garbage behind the last record',
      recordAt(20),
      (disk: MemoryDisk) => overwrite(disk, 'log.1', recordAt(20), GARBAGE),
    ],
    [
      'a byte in the padding',
      recordAt(20),
      (disk: MemoryDisk) => overwrite(disk, 'log.1', 60_000, hex('01')),
    ],
    ['a cut within a record', recordAt(6), (disk: MemoryDisk) => cutTo(disk, 'log.1', recordAt(6) + 5)],
    ['no header', 0, (disk: MemoryDisk) => cutTo(disk, 'log.1', 0)],
  ])('such as %s is found when it is read, with file and offset', async (_what, offset, inflict) => {
    const disk = await twoLogs();
    await inflict(disk);
    expect(await readDamageOf(disk)).toMatchObject({ code: 'DAMAGED', file: `${DIRECTORY}/log.1`, offset });
  });

  test('does not matter to who reads behind it', async () => {
    const disk = await twoLogs();
    await flip(disk, 'log.1', recordAt(3) + 50);
    expect(await zxidsIn(await openOn(disk), 20)).toEqual(range(21, 40));
  });

  test('a header without a record is none: a crash left it before the epoch changed', async () => {
    const disk = await withLogs(new MemoryDisk(), [range(1, 3), range(1, 2, 1)]);
    await put(disk, 'log.4', hex(`5a4b4c47 00000002 0000000000000000 ${'00'.repeat(5000)}`));
    expect(await zxidsIn(await openOn(disk))).toEqual([...range(1, 3), ...range(1, 2, 1)]);
  });
});

test('what Apache left to the kernel is durable once the log is open', async () => {
  const disk = await twoLogsOfApache();
  const name = 'log.29';
  const other = await contentOf(await withLogs(new MemoryDisk(), [range(41, 45)]), name);
  await put(disk, name, other);
  await openOn(disk);
  const after = crashImage(disk);
  expect(await zxidsIn(await openOn(after))).toEqual(range(1, 45));
});

async function flip(disk: MemoryDisk, name: string, offset: number): Promise<void> {
  const content = await contentOf(disk, name);
  await overwrite(disk, name, offset, Uint8Array.of(content[offset]! ^ 1));
}

describe('a process that died of a failed sync', () => {
  test('leaves nothing that later syncs only seem to make durable', async () => {
    // given entries whose sync failed: they can be read, and the kernel calls their pages clean
    const disk = new MemoryDisk();
    const dying = await openOn(disk);
    for (const zxid of range(1, 3)) dying.log.append(at(zxid), entry(at(zxid)));
    await dying.log.sync();
    for (const zxid of range(4, 6)) dying.log.append(at(zxid), entry(at(zxid)));
    disk.faults = ({ kind }) => (kind === 'datasync' ? { error: 'IO' } : undefined);
    await expect(dying.log.sync()).rejects.toMatchObject({ code: 'IO' });
    // when the next process goes on from what it finds, and the power is cut
    const next = disk.afterProcessDeath();
    const storage = await openOn(next);
    expect(storage.log.lastZxid).toBe(6);
    storage.log.append(at(7), entry(at(7)));
    await storage.log.sync();
    // then all of it is there
    expect(await zxidsIn(await openOn(crashImage(next)))).toEqual(range(1, 7));
  });
});
