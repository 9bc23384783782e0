import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { JuteWriter } from '@corral/jute';
import type { PersistenceError, Storage } from '@corral/persistence';
import { zxidOf } from '@corral/protocol';
import { noMetrics, silentLogger, type LogFields } from '@corral/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edit, Place, tamper } from '../test/place.ts';
import { append, appendOneByOne, entry, found, load, snapshot, zxids } from '../test/samples.ts';
import { levelStorage } from './index.ts';
import { chunkKey, keyOf, packBytes } from './records.ts';

let place: Place;

beforeEach(async () => {
  place = await Place.create();
});

afterEach(async () => {
  await place.dispose();
});

describe('levelStorage', () => {
  test('puts log and snapshots where it is told, and makes the directories', async () => {
    const dataDir = join(place.directory, 'deep', 'data');
    const dataLogDir = join(place.directory, 'deep', 'log');
    const storage = await levelStorage({ dataDir, dataLogDir });
    await storage.close();

    expect((await readdir(dataDir)).toSorted()).toEqual(['level-snapshots', 'level-snapshots.lock']);
    expect((await readdir(dataLogDir)).toSorted()).toEqual(['level-log', 'level-log.lock']);
  });

  test('makes nothing where it is told not to', async () => {
    const dataDir = join(place.directory, 'data');
    const opening = levelStorage({ dataDir, autocreate: false });

    await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND', file: `${dataDir}/level-snapshots` });
    await expect(readdir(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });

    await (await levelStorage({ dataDir })).close();
    await (await levelStorage({ dataDir, autocreate: false })).close();
  });

  test('is LOCKED while it is open, and leaves what is open alone', async () => {
    const storage = await place.open();
    append(storage.log, 1, 5);
    await storage.log.sync();

    await expect(levelStorage({ dataDir: place.directory })).rejects.toMatchObject({ code: 'LOCKED' });

    append(storage.log, 6, 9);
    await storage.log.sync();
    expect(await found(storage)).toEqual(zxids(1, 9));
  });

  test('lets go of the first database when the second is LOCKED', async () => {
    const dataLogDir = join(place.directory, 'log');
    const first = await levelStorage({ dataDir: join(place.directory, 'a'), dataLogDir });
    const dataDir = join(place.directory, 'b');

    await expect(levelStorage({ dataDir, dataLogDir })).rejects.toMatchObject({ code: 'LOCKED' });

    await first.close();
    const again = await levelStorage({ dataDir, dataLogDir });
    await again.close();
  });

  test('is IO where a file stands in the place of a directory', async () => {
    const storage = await place.open();
    const dataDir = join(place.directory, 'level-log.lock');
    await storage.close();

    await expect(levelStorage({ dataDir })).rejects.toMatchObject({ code: 'IO', file: dataDir });
  });

  test('that was left in the middle of being made is made again', async () => {
    await mkdir(join(place.directory, 'unfinished-level-log', ''), { recursive: true });
    await tamper(join(place.directory, 'unfinished-level-log'), async (level) => {
      await level.put(keyOf('l', 1), Buffer.from('never'));
    });

    const storage = await place.open();

    expect(storage.state.isEmpty).toBe(true);
    expect(storage.state.repairs).toEqual(['unfinished-level-log was left by a crash and emptied']);
    expect(await readdir(place.directory)).not.toContain('unfinished-level-log');
  });

  test.each([true, false])(
    'loses nothing that was acknowledged when its process is killed (forceSync %s)',
    { timeout: 60_000 },
    async (forceSync) => {
      for (let round = 0; round < 3; round++) {
        const dataDir = join(place.directory, String(round));
        const acknowledged = await killWhileWriting(dataDir, forceSync, 40 + round * 33);

        const storage = await levelStorage({ dataDir });
        const after = await found(storage);
        await storage.close();

        expect(after.length).toBeGreaterThanOrEqual(acknowledged);
        expect(after).toEqual(zxids(1, after.length));
      }
    },
  );

  test('says NO_SPACE where the medium takes no more', { timeout: 60_000 }, async () => {
    const { code, acknowledged } = await writeUntilFull(place.directory, 256);

    expect(code).toBe('NO_SPACE');
    const after = await found(await place.open());
    expect(after.length).toBeGreaterThanOrEqual(acknowledged);
    expect(after).toEqual(zxids(1, after.length));
  });
});

describe('a sync', () => {
  test('of the log that takes longer than the threshold is logged and counted', async () => {
    const warnings: LogFields[] = [];
    const logger = { ...silentLogger, warn: (fields: LogFields) => void warnings.push(fields) };
    const metrics = noMetrics();
    const dataDir = place.directory;
    const storage = await levelStorage({ dataDir, logger, metrics, fsyncWarningThresholdMs: -1 });
    append(storage.log, 1, 5);
    await storage.log.sync();
    await snapshot(storage, 3, 'not the log');
    await storage.close();

    expect(warnings).toEqual([{ file: `${dataDir}/level-log`, tookMs: expect.any(Number) }]);
    expect(metrics.counter('fsync_threshold_exceed_count').value).toBe(1);
  });

  test('is what every write asks for, unless forceSync is off', async () => {
    for (const forceSync of [true, false]) {
      const storage = await place.open({ forceSync });
      const asked = place.syncsAskedFor();
      append(storage.log, 1, 5);
      await storage.log.sync();
      await snapshot(storage, 3, 'three');
      await storage.log.truncate(zxidOf(0, 0));
      await storage.close();

      expect(new Set(asked)).toEqual(new Set([forceSync]));
    }
  });

  test('that never was is not remembered: with forceSync off a torn tail is cut', async () => {
    const storage = await place.open({ forceSync: false });
    append(storage.log, 1, 5);
    await storage.log.sync();
    append(storage.log, 6, 7);
    await storage.close();
    const log = await place.writeAheadLog();
    await edit(log, (bytes) => bytes.subarray(0, -20));

    const again = await place.open();

    expect(again.state.repairs).toHaveLength(1);
    expect(await found(again)).toEqual(zxids(1, 5));
  });
});

describe('the log', () => {
  test('keeps entries of 1 MiB, over many write-ahead logs of LevelDB', async () => {
    const storage = await place.open();
    for (const zxid of zxids(1, 30)) {
      storage.log.append(zxid, entry(zxid, 1 << 20));
      await storage.log.sync();
    }
    await place.crash();

    const again = await place.open();
    expect(again.state.repairs).toEqual([]);
    expect(await found(again)).toEqual(zxids(1, 30));
  });

  test('covers by each of many syncs at once what was appended before it', async () => {
    const storage = await place.open();
    const syncs: Promise<void>[] = [];
    for (let i = 0; i < 100; i++) {
      append(storage.log, i + 1, i + 1);
      syncs.push(storage.log.sync());
    }
    await syncs[10];
    await place.crash();

    expect((await found(await place.open())).length).toBeGreaterThanOrEqual(11);
    await Promise.allSettled(syncs);
  });

  test('takes nothing more after a write that failed, but is whole when it is opened again', async () => {
    const storage = await place.open();
    await appendOneByOne(storage.log, 1, 5);
    append(storage.log, 6, 7);
    place.failLogWrite(1);

    await expect(storage.log.sync()).rejects.toMatchObject({ code: 'IO' });
    await expect(storage.log.sync()).rejects.toThrow('the medium is broken');
    expect(() => append(storage.log, 8, 8)).toThrow('CLOSED');
    await expect(storage.log.purge(zxidOf(0, 3))).rejects.toMatchObject({ code: 'CLOSED' });
    await storage.close();

    expect(await found(await place.open())).toEqual(zxids(1, 5));
  });

  test('that could not be truncated to the end has no hole: the newest went first', async () => {
    const storage = await place.open();
    await appendOneByOne(storage.log, 1, 350);
    place.failLogWrite(101);

    await expect(storage.log.truncate(zxidOf(0, 10))).rejects.toMatchObject({ code: 'IO' });
    await place.crash();

    expect(await found(await place.open())).toEqual(zxids(1, 250));
  });

  test('is truncated within a group of entries, which is longer than wanted at worst', async () => {
    const storage = await place.open();
    append(storage.log, 1, 5);
    await storage.log.sync();
    append(storage.log, 6, 9);
    await storage.log.sync();
    // What is above goes first, then the group is replaced by its beginning.
    place.failLogWrite(2);
    await expect(storage.log.truncate(zxidOf(0, 3))).rejects.toMatchObject({ code: 'IO' });
    await place.crash();

    const again = await place.open();
    expect(await found(again)).toEqual(zxids(1, 5));
    await again.log.truncate(zxidOf(0, 3));
    append(again.log, 4, 4);
    await again.log.sync();
    await place.crash();
    expect(await found(await place.open())).toEqual(zxids(1, 4));
  });

  test('that could not be purged to the end has no hole: the oldest went first', async () => {
    const storage = await place.open();
    await appendOneByOne(storage.log, 1, 350);
    place.failLogWrite(101);

    await expect(storage.log.purge(zxidOf(0, 300))).rejects.toMatchObject({ code: 'IO' });
    await place.crash();

    expect(await found(await place.open())).toEqual(zxids(101, 350));
  });

  test('keeps the record it is purged to, so that it can be truncated to it, and always the newest', async () => {
    const storage = await place.open();
    append(storage.log, 1, 3);
    await storage.log.sync();
    append(storage.log, 4, 6);
    await storage.log.sync();
    await appendOneByOne(storage.log, 7, 9);

    expect(await storage.log.purge(zxidOf(0, 5))).toEqual([`1 records of ${place.logDirectory}`]);
    expect(await storage.log.purge(zxidOf(0, 5))).toEqual([]);
    expect(await found(storage)).toEqual(zxids(4, 9));
    await storage.log.purge(zxidOf(0, 20));
    expect(await found(storage)).toEqual([9]);
  });

  test('does not lose its end when it is purged beyond what is durable', async () => {
    const storage = await place.open();
    append(storage.log, 1, 5);
    await storage.log.sync();
    append(storage.log, 6, 6);
    await storage.log.purge(zxidOf(0, 6));
    await place.crash();

    expect((await place.open()).log.lastZxid).toBeGreaterThanOrEqual(5);
  });

  test('is written on while room is given back: a write-ahead log may be gone before it was looked at', async () => {
    const storage = await place.open();
    for (let round = 0; round < ROUNDS_OF_PURGE; round++) {
      const first = round * 10 + 1;
      await appendOneByOne(storage.log, first, first + 4);
      await Promise.all([
        ...[1, 2, 3, 4].map((kept) => storage.log.purge(zxidOf(0, first + kept))),
        appendOneByOne(storage.log, first + 5, first + 9),
      ]);
    }
    expect((await found(storage)).at(-1)).toBe(zxidOf(0, ROUNDS_OF_PURGE * 10));
  });

  test('gives back the room of what is purged', async () => {
    const storage = await place.open();
    for (const zxid of zxids(1, 12)) {
      storage.log.append(zxid, entry(zxid, 1 << 20));
      await storage.log.sync();
    }
    await storage.log.purge(zxidOf(0, 11));

    expect((await storage.size()).logBytes).toBeLessThan(4 << 20);
    expect(await found(storage)).toEqual([11, 12]);
  });

  describe('tampered with', () => {
    const log = async (work: Parameters<typeof tamper>[1]): Promise<Storage> => {
      const storage = await place.open();
      await appendOneByOne(storage.log, 1, 9);
      await storage.close();
      await tamper(place.logDirectory, work);
      return place.open();
    };

    test('is DAMAGED at a value with a byte flipped', async () => {
      const storage = await log(async (level) => {
        const value = (await level.get(keyOf('l', 5)))!;
        value[value.length - 3]! ^= 1;
        await level.put(keyOf('l', 5), value);
      });

      await expect(found(storage)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.logDirectory}/l.5`,
        offset: 0,
      });
    });

    test('is DAMAGED at a value that stands under the key of another', async () => {
      const storage = await log(async (level) => {
        await level.put(keyOf('l', 5), (await level.get(keyOf('l', 6)))!);
      });

      await expect(found(storage)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.logDirectory}/l.5`,
      });
    });

    test.each([
      ['nothing', Buffer.alloc(0)],
      ['noise', Buffer.from('c1c1c1', 'hex')],
      ['a length without its bytes', Buffer.from('c6ffffffff00', 'hex')],
    ])('is DAMAGED at a value of %s', async (_, value) => {
      const storage = await log((level) => level.put(keyOf('l', 5), value));

      await expect(found(storage)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.logDirectory}/l.5`,
      });
    });

    test.each([
      ['half an entry', [entry(zxidOf(0, 5)), entry(zxidOf(0, 5)).subarray(0, 20)]],
      ['an entry that is too short', [new Uint8Array(31)]],
      ['nothing', []],
      ['another entry', [entry(zxidOf(0, 6))]],
      ['an entry that stands before, too', [entry(zxidOf(0, 4)), entry(zxidOf(0, 5))]],
      ['entries in no order', [entry(zxidOf(0, 6)), entry(zxidOf(0, 5))]],
    ])('is DAMAGED at a group of %s', async (what, entries) => {
      const group = new JuteWriter();
      for (const one of entries) group.writeBuffer(one);
      const content = group.bytes().subarray(0, what === 'half an entry' ? -10 : undefined);
      const key = keyOf('l', 5);
      const storage = await log((level) => level.put(key, packBytes(key, content)));

      await expect(found(storage)).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.logDirectory}/l.5`,
      });
    });

    test('is DAMAGED by a key that is none of ours', async () => {
      const key = Buffer.from('l and what not');
      await expect(log((level) => level.put(key, Buffer.from('x')))).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.logDirectory}/${key.toString('hex')}`,
      });
      const within = Buffer.concat([keyOf('l', 5), Buffer.from('x')]);
      await tamper(place.logDirectory, (level) => level.del(key));
      await tamper(place.logDirectory, (level) => level.put(within, Buffer.from('x')));
      await expect(found(await place.open())).rejects.toMatchObject({ code: 'DAMAGED' });
    });
  });
});

describe('snapshots', () => {
  test('are taken in the place of one of the same zxid at once: it stays until the new one is whole', async () => {
    const storage = await place.open();
    await snapshot(storage, 7, 'the ', 'old one');
    const sink = await storage.snapshots.create(zxidOf(0, 7));
    await sink.write(new TextEncoder().encode('new'));
    await place.crash();

    const crashed = await place.open();
    expect(crashed.state.repairs).toEqual(['snapshot.7 was left unfinished by a crash and removed']);
    const [old] = await crashed.snapshots.list();
    expect(await load(crashed, old!, 11)).toBe('the old one');

    for (const text of ['a new one', 'another one', 'the last one']) {
      const info = await snapshot(crashed, 7, text);
      expect(await load(crashed, info, text.length)).toBe(text);
    }
    await crashed.close();
    const again = await place.open();
    expect(again.state.repairs).toEqual([]);
    expect(await load(again, (await again.snapshots.list())[0]!, 12)).toBe('the last one');
  });

  test('give back their room when they are purged', async () => {
    const storage = await place.open();
    const text = 'x'.repeat(1 << 20);
    for (let zxid = 1; zxid <= 9; zxid++) {
      await snapshot(storage, zxid, text, text);
      await storage.snapshots.purge(2);
    }

    expect((await storage.size()).snapshotBytes).toBeLessThan(8 << 20);
    const [newest] = await storage.snapshots.list();
    expect(await load(storage, newest!, 2 << 20)).toBe(text + text);
  });

  test('cannot be taken after a write that failed, nor epochs be written, until it is opened again', async () => {
    const storage = await place.open();
    await snapshot(storage, 3, 'three');
    const sink = await storage.snapshots.create(zxidOf(0, 5));
    await sink.write(new TextEncoder().encode('one'));
    place.failSnapshotWrite(1);

    await expect(sink.write(new TextEncoder().encode('two'))).rejects.toMatchObject({ code: 'IO' });
    await expect(sink.abort()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(snapshot(storage, 6, 'six')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(storage.epochs.setAccepted(1)).rejects.toMatchObject({ code: 'CLOSED' });
    append(storage.log, 1, 3);
    await storage.log.sync();
    await storage.close();

    const again = await place.open();
    expect((await again.snapshots.list()).map(({ zxid }) => zxid)).toEqual([3]);
    expect(again.epochs.accepted).toBe(undefined);
    await snapshot(again, 6, 'six');
    expect(await found(again)).toEqual(zxids(1, 3));
  });

  describe('tampered with', () => {
    const snapshots = async (work: Parameters<typeof tamper>[1]): Promise<Storage> => {
      const storage = await place.open();
      await storage.epochs.setAccepted(3);
      await snapshot(storage, 4, 'whole');
      await snapshot(storage, 7, 'one ', 'two ', 'three');
      await storage.close();
      await tamper(place.snapshotDirectory, work);
      return place.open();
    };

    /** What comes of loading each, newest first. */
    const loadAll = async (storage: Storage): Promise<string[]> => {
      const outcomes: string[] = [];
      for (const info of await storage.snapshots.list()) {
        const length = info.zxid === 7 ? 13 : 5;
        outcomes.push(await load(storage, info, length).catch((error: PersistenceError) => error.code));
      }
      return outcomes;
    };

    test('are DAMAGED where a chunk is missing', async () => {
      const storage = await snapshots((level) => level.del(chunkKey(7, 0, 1)));

      expect(await loadAll(storage)).toEqual(['DAMAGED', 'whole']);
    });

    test('are DAMAGED where a chunk has a byte flipped', async () => {
      const storage = await snapshots(async (level) => {
        const value = (await level.get(chunkKey(7, 0, 2)))!;
        value[value.length - 1]! ^= 4;
        await level.put(chunkKey(7, 0, 2), value);
      });

      expect(await loadAll(storage)).toEqual(['DAMAGED', 'whole']);
    });

    test('are DAMAGED where chunks have changed places', async () => {
      const storage = await snapshots(async (level) => {
        await level.put(chunkKey(7, 0, 1), (await level.get(chunkKey(7, 0, 0)))!);
      });

      expect(await loadAll(storage)).toEqual(['DAMAGED', 'whole']);
    });

    test('are DAMAGED where the manifest is, and can be taken again', async () => {
      const storage = await snapshots(async (level) => {
        const value = (await level.get(keyOf('m', 7)))!;
        value[value.length - 1]! ^= 4;
        await level.put(keyOf('m', 7), value);
      });

      expect(await loadAll(storage)).toEqual(['DAMAGED', 'whole']);
      expect(await load(storage, await snapshot(storage, 7, 'again'), 5)).toBe('again');
    });

    test('do not exist without their manifest, and their chunks are removed', async () => {
      const storage = await snapshots((level) => level.del(keyOf('m', 7)));

      expect((await storage.snapshots.list()).map(({ zxid }) => zxid)).toEqual([4]);
      expect(storage.state.repairs).toEqual(['snapshot.7 was left unfinished by a crash and removed']);
    });

    test('are DAMAGED by a key that is none of ours', async () => {
      const opening = snapshots((level) => level.put(Buffer.from('c and what not'), Buffer.from('x')));

      await expect(opening).rejects.toMatchObject({ code: 'DAMAGED' });
    });

    test('with a damaged epoch are DAMAGED as a whole, because a voter must not forget', async () => {
      const opening = snapshots(async (level) => {
        await level.put(keyOf('e', 1), Buffer.from('92010203', 'hex'));
      });

      await expect(opening).rejects.toMatchObject({
        code: 'DAMAGED',
        file: `${place.snapshotDirectory}/e.1`,
      });
    });
  });
});

/** Resolves with the last zxid that was acknowledged, once the process is dead. */
async function killWhileWriting(dataDir: string, forceSync: boolean, count: number): Promise<number> {
  const writer = spawnWriter([process.execPath], dataDir, String(forceSync));
  const ended = once(writer, 'exit');
  let acknowledged = 0;
  for await (const line of createInterface(writer.stdout)) {
    acknowledged = Number(line);
    if (acknowledged >= count) writer.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

/** No file of the process may grow beyond `fileKb`: the system refuses as it does when a disk is full. */
async function writeUntilFull(
  dataDir: string,
  fileKb: number,
): Promise<{ code: string | undefined; acknowledged: number }> {
  // The shell's unit is 1024 bytes in bash and 512 in others.
  const limited = ['sh', '-c', `ulimit -f ${fileKb} && exec "$@"`, 'sh', process.execPath];
  const writer = spawnWriter(limited, dataDir, 'true');
  let acknowledged = 0;
  let code: string | undefined;
  for await (const line of createInterface(writer.stdout)) {
    if (/^\d+$/.test(line)) acknowledged = Number(line);
    else code = line;
  }
  return { code, acknowledged };
}

function spawnWriter(
  command: readonly string[],
  ...args: string[]
): ChildProcessByStdio<null, Readable, null> {
  const program = fileURLToPath(new URL('../test/killed-writer.ts', import.meta.url));
  const [file, ...before] = command;
  return spawn(file!, [...before, '--no-warnings', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const ROUNDS_OF_PURGE = 60;
