import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, test } from 'vitest';
import { readFully, writeFully } from '../disk.ts';
import { crashImage, crashImages, MemoryDisk } from './index.ts';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

async function contentOf(disk: MemoryDisk, path: string): Promise<number[] | undefined> {
  const found = await disk.stat(path);
  if (found === undefined) return undefined;
  const content = new Uint8Array(found.size);
  await readFully(await disk.open(path, 'read'), content, 0);
  return [...content];
}

/** A disk with a durable file `/a` of three ones. */
async function prepared(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const file = await disk.open('/a', 'create');
  await writeFully(file, bytes(3, 1), 0);
  await file.datasync();
  await disk.syncDirectory('/');
  return disk;
}

describe('a disk in memory', () => {
  test('reads what was written, with zeros in the gaps', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    file.writeNow(bytes(2, 7), 5);
    expect(await contentOf(disk, '/a')).toEqual([1, 1, 1, 0, 0, 7, 7]);
    await file.truncate(6);
    await file.truncate(8);
    expect(await contentOf(disk, '/a')).toEqual([1, 1, 1, 0, 0, 7, 0, 0]);
  });

  test('holds large files of zeros for nothing, and bytes across its pages', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    await file.truncate(2 ** 40);
    await writeFully(file, bytes(9000, 5), 2 ** 30 - 4000);
    const read = new Uint8Array(9002);
    await readFully(file, read, 2 ** 30 - 4001);
    expect(read[0]).toBe(0);
    expect(read.subarray(1, 9001).every((byte) => byte === 5)).toBe(true);
    expect(read[9001]).toBe(0);
  });

  test('tells what is missing', async () => {
    const disk = await prepared();
    await expect(disk.open('/b', 'read')).rejects.toMatchObject({ code: 'NOT_FOUND', file: '/b' });
    await expect(disk.open('/d/b', 'create')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(disk.remove('/b')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await disk.stat('/b')).toBeUndefined();
  });

  test('locks a path until it is released', async () => {
    const disk = await prepared();
    const lock = await disk.lock('/lock');
    await expect(disk.lock('/lock')).rejects.toMatchObject({ code: 'LOCKED' });
    await lock.release();
    await (await disk.lock('/lock')).release();
  });

  test('keeps a journal of what was changed', async () => {
    const disk = await prepared();
    expect(disk.journal.map(({ kind }) => kind)).toEqual(['create', 'write', 'datasync', 'syncDirectory']);
  });
});

describe('a power cut', () => {
  test('takes what was written and not synced', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    file.writeNow(bytes(3, 2), 0);
    expect(await contentOf(crashImage(disk), '/a')).toEqual([1, 1, 1]);
    await file.datasync();
    expect(await contentOf(crashImage(disk), '/a')).toEqual([2, 2, 2]);
  });

  test('takes files, renames and removals whose directory was not synced', async () => {
    const disk = await prepared();
    const file = await disk.open('/b', 'create');
    await writeFully(file, bytes(1, 1), 0);
    await file.datasync();
    await disk.rename('/a', '/c');
    expect([...(await crashImage(disk).list('/'))]).toEqual(['a']);
    await disk.syncDirectory('/');
    expect((await crashImage(disk).list('/')).toSorted()).toEqual(['b', 'c']);
    await disk.remove('/b');
    expect((await crashImage(disk).list('/')).toSorted()).toEqual(['b', 'c']);
  });

  test('never shows a rename by halves', async () => {
    const disk = await prepared();
    await disk.rename('/a', '/b');
    for (const image of crashImages(disk, new SimulatedRandom(1), 50)) {
      expect(await image.disk.list('/')).toHaveLength(1);
    }
  });

  test('leaves the disk it was tried on as it was', async () => {
    const disk = await prepared();
    (await disk.open('/a', 'update')).writeNow(bytes(3, 2), 0);
    for (const image of crashImages(disk, new SimulatedRandom(1), 5)) {
      (await image.disk.open('/a', 'update')).writeNow(bytes(9, 9), 0);
    }
    expect(await contentOf(disk, '/a')).toEqual([2, 2, 2]);
  });

  test('may tear a write at 512 bytes and at 4 KiB, and lose its middle', async () => {
    const disk = await prepared();
    (await disk.open('/a', 'update')).writeNow(bytes(12_000, 3), 100);
    const kept = new Map<string, string>();
    for (const image of crashImages(disk, new SimulatedRandom(1), 0)) {
      const content = (await contentOf(image.disk, '/a'))!;
      const runs = content.map((byte) => (byte === 3 ? '3' : '.')).join('');
      kept.set(image.name, runs.replaceAll(/3+|\.+/g, (run) => `${run[0]!}${run.length} `).trim());
    }
    expect(kept.get('all lost')).toBe('.3');
    expect(kept.get('all kept')).toBe('.100 312000');
    expect(kept.get('change 0 of 1 (write) torn: the first 512 bytes kept')).toBe('.100 3412');
    expect(kept.get('change 0 of 1 (write) torn: the first 4096 bytes lost')).toBe('.4096 38004');
  });

  test('may keep a later change and lose an earlier one', async () => {
    const disk = await prepared();
    await disk.open('/b', 'create');
    (await disk.open('/a', 'update')).writeNow(bytes(1, 9), 0);
    const found: string[] = [];
    for (const image of crashImages(disk, new SimulatedRandom(1), 0)) {
      found.push(`${(await image.disk.list('/')).join('')}${(await contentOf(image.disk, '/a'))![0]!}`);
    }
    expect(new Set(found)).toEqual(new Set(['a1', 'ab9', 'ab1', 'a9']));
  });

  test('is the same for the same seed', async () => {
    const disk = await prepared();
    (await disk.open('/a', 'update')).writeNow(bytes(5000, 3), 0);
    const sizes = async (seed: number): Promise<string> => {
      const found: string[] = [];
      for (const image of crashImages(disk, new SimulatedRandom(seed), 20)) {
        found.push(String((await contentOf(image.disk, '/a'))!.filter((byte) => byte === 3).length));
      }
      return found.join();
    };
    expect(await sizes(7)).toBe(await sizes(7));
    expect(await sizes(7)).not.toBe(await sizes(8));
  });

  test('is not the death of a process, which loses nothing and makes nothing durable', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    file.writeNow(bytes(3, 2), 0);
    await disk.lock('/lock');
    const next = disk.afterProcessDeath();
    await expect(file.datasync()).rejects.toMatchObject({ code: 'IO' });
    await next.lock('/lock');
    expect(await contentOf(next, '/a')).toEqual([2, 2, 2]);
    expect(await contentOf(crashImage(next), '/a')).toEqual([1, 1, 1]);
  });
});

describe('a fault', () => {
  test('of datasync loses the data, and the next one succeeds without it', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    file.writeNow(bytes(1, 2), 0);
    disk.faults = ({ kind }) => (kind === 'datasync' ? { error: 'IO' } : undefined);
    await expect(file.datasync()).rejects.toMatchObject({ code: 'IO', file: '/a' });
    disk.faults = () => undefined;
    file.writeNow(bytes(1, 3), 1);
    await file.datasync();
    expect(await contentOf(disk, '/a')).toEqual([2, 3, 1]);
    expect(await contentOf(crashImage(disk), '/a')).toEqual([1, 3, 1]);
  });

  test('may shorten a write, which writeFully makes up for', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    disk.faults = ({ kind }) => (kind === 'write' ? { writeAtMost: 2 } : undefined);
    expect(await file.write(bytes(5, 4), 0)).toBe(2);
    await writeFully(file, bytes(5, 4), 0);
    expect(await contentOf(disk, '/a')).toEqual([4, 4, 4, 4, 4]);
  });

  test('may refuse a write for want of room, at once or later', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    disk.faults = ({ kind }) => (kind === 'write' ? { error: 'NO_SPACE' } : undefined);
    await expect(file.write(bytes(5, 4), 0)).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(() => file.writeNow(bytes(5, 4), 0)).toThrow(expect.objectContaining({ code: 'NO_SPACE' }));
    expect(await contentOf(disk, '/a')).toEqual([1, 1, 1]);
  });

  test('may be a lie: a sync says that it is done, and the power cut knows better', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    disk.faults = ({ kind }) => (kind === 'datasync' ? { isLie: true } : undefined);
    file.writeNow(bytes(3, 2), 0);
    await file.datasync();
    expect(await contentOf(disk, '/a')).toEqual([2, 2, 2]);
    expect(await contentOf(crashImage(disk), '/a')).toEqual([1, 1, 1]);
  });

  test('may make an operation wait', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    const { promise, resolve } = Promise.withResolvers<void>();
    disk.faults = ({ kind }) => (kind === 'datasync' ? { wait: promise } : undefined);
    file.writeNow(bytes(3, 2), 0);
    const sync = file.datasync();
    expect(await contentOf(crashImage(disk), '/a')).toEqual([1, 1, 1]);
    resolve();
    await sync;
    expect(await contentOf(crashImage(disk), '/a')).toEqual([2, 2, 2]);
  });

  test('called a power failure ends everything', async () => {
    const disk = await prepared();
    const file = await disk.open('/a', 'update');
    disk.powerOff();
    await expect(file.datasync()).rejects.toMatchObject({ code: 'IO' });
    await expect(disk.list('/')).rejects.toMatchObject({ code: 'IO' });
    expect(() => file.writeNow(bytes(1, 1), 0)).toThrow(expect.objectContaining({ code: 'IO' }));
  });
});
