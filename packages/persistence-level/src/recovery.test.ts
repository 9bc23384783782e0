import { cp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edit, Place } from '../test/place.ts';
import { append, found, snapshot, zxids } from '../test/samples.ts';

let place: Place;

/** Two entries, synced, then three more: two records in a write-ahead log. */
beforeEach(async () => {
  place = await Place.create();
  const storage = await place.open();
  append(storage.log, 1, 2);
  await storage.log.sync();
  append(storage.log, 3, 5);
  await storage.log.sync();
  await snapshot(storage, 2, 'two');
  await storage.close();
});

afterEach(async () => {
  await place.dispose();
});

const forgetWhatWasSynced = (): Promise<void> => rm(join(place.logDirectory, 'corral.synced'));

describe('a write-ahead log', () => {
  test('with a torn tail is cut after a copy has been kept', async () => {
    await forgetWhatWasSynced();
    const log = await place.writeAheadLog();
    const before = await readFile(log);
    await truncate(log, before.length - 20);
    const first = firstRecordBytes(before);

    const storage = await place.open();

    expect(await found(storage)).toEqual([1, 2]);
    const copy = `torn-${basename(log)}-at-${first}`;
    expect(storage.state.repairs).toEqual([
      `${basename(log)} was torn at byte ${first} (a record that goes beyond the end of the file); ` +
        `${before.length - 20 - first} bytes are kept in ${copy}`,
    ]);
    expect(await readFile(join(place.logDirectory, copy))).toEqual(before.subarray(first, -20));
    append(storage.log, 3, 4);
    await storage.log.sync();
    await storage.close();
    const again = await place.open();
    expect(again.state.repairs).toEqual([]);
    expect(await found(again)).toEqual([1, 2, 3, 4]);
  });

  test('with a torn tail where all had been synced is DAMAGED', async () => {
    const log = await place.writeAheadLog();
    const before = await readFile(log);
    await truncate(log, before.length - 20);

    await expect(place.open()).rejects.toMatchObject({
      code: 'DAMAGED',
      file: log,
      offset: firstRecordBytes(before),
    });
    expect((await readFile(log)).length).toBe(before.length - 20);
  });

  test('that ends before what had been synced is DAMAGED, however neatly', async () => {
    const log = await place.writeAheadLog();
    await truncate(log, firstRecordBytes(await readFile(log)));

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: log });
  });

  test('with zeros behind its last record is whole', async () => {
    const log = await place.writeAheadLog();
    await edit(log, (bytes) => Buffer.concat([bytes, Buffer.alloc(70_000)]));

    const storage = await place.open();

    expect(storage.state.repairs).toEqual([]);
    expect(await found(storage)).toEqual(zxids(1, 5));
  });

  test('with noise behind its last record has a torn tail', async () => {
    const log = await place.writeAheadLog();
    await edit(log, (bytes) => Buffer.concat([bytes, Buffer.from('something was being written')]));

    const storage = await place.open();

    expect(storage.state.repairs).toHaveLength(1);
    expect(await found(storage)).toEqual(zxids(1, 5));
  });

  test('with a damaged record and a whole one behind it is DAMAGED, whatever is known of syncs', async () => {
    await forgetWhatWasSynced();
    const log = await place.writeAheadLog();
    await edit(log, (bytes) => void (bytes[30]! ^= 1));

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: log, offset: 0 });
  });

  test('without its first record is DAMAGED', async () => {
    await forgetWhatWasSynced();
    const log = await place.writeAheadLog();
    await edit(log, (bytes) => bytes.subarray(firstRecordBytes(bytes)));

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: log, offset: 0 });
  });

  test('that is missing is DAMAGED', async () => {
    await forgetWhatWasSynced();
    const log = await place.writeAheadLog();
    await rm(log);

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: log });
  });

  test('of which a copy has been kept before is cut again', async () => {
    await forgetWhatWasSynced();
    const log = await place.writeAheadLog();
    await truncate(log, (await readFile(log)).length - 1);
    const torn = `torn-${basename(log)}-at-${firstRecordBytes(await readFile(log))}`;
    await cp(log, join(place.logDirectory, torn));

    expect(await found(await place.open())).toEqual([1, 2]);
  });
});

describe('a database', () => {
  const file = async (prefix: string): Promise<string> => {
    const names = await readdir(place.logDirectory);
    return join(
      place.logDirectory,
      names.find((name) => name.startsWith(prefix))!,
    );
  };

  test('without CURRENT is DAMAGED and not made anew', async () => {
    await rm(await file('CURRENT'));

    await expect(place.open()).rejects.toMatchObject({
      code: 'DAMAGED',
      file: join(place.logDirectory, 'CURRENT'),
      offset: 0,
    });
  });

  test.each(['', 'MANIFEST-000002', 'MANIFEST-x\n', '../MANIFEST-000002\n'])(
    'whose CURRENT says %j is DAMAGED',
    async (text) => {
      await edit(await file('CURRENT'), () => Buffer.from(text));

      await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED' });
    },
  );

  test('without its MANIFEST is DAMAGED', async () => {
    const manifest = await file('MANIFEST');
    await rm(manifest);

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: manifest });
  });

  test.each([0, 1, 6, 7, 20])('whose MANIFEST is cut at byte %i is DAMAGED', async (length) => {
    await truncate(await file('MANIFEST'), length);

    await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  test('whose MANIFEST has a torn tail opens: the edit that was being written is done again', async () => {
    const manifest = await file('MANIFEST');
    await edit(manifest, (bytes) => Buffer.concat([bytes, Buffer.from('01020304400001', 'hex')]));

    const storage = await place.open();

    expect(storage.state.repairs).toHaveLength(1);
    expect(await found(storage)).toEqual(zxids(1, 5));
  });

  describe('with tables', () => {
    beforeEach(async () => {
      // LevelDB turns the write-ahead log into a table when it opens.
      await (await place.open()).close();
    });

    const table = async (): Promise<string> => {
      const name = (await readdir(place.logDirectory)).find((each) => each.endsWith('.ldb'))!;
      return join(place.logDirectory, name);
    };

    test('is found whole', async () => {
      expect(await found(await place.open())).toEqual(zxids(1, 5));
    });

    test('of which one is missing is DAMAGED', async () => {
      const path = await table();
      await rm(path);

      await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: path });
    });

    test('of which one is cut is DAMAGED', async () => {
      const path = await table();
      await truncate(path, 100);

      await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: path, offset: 100 });
    });

    test('of which one has a byte flipped is DAMAGED', async () => {
      const path = await table();
      await edit(path, (bytes) => void (bytes[17]! ^= 0x20));

      await expect(place.open()).rejects.toMatchObject({ code: 'DAMAGED', file: path, offset: 0 });
    });
  });
});

/** Of a write-ahead log whose first record is in one piece. */
function firstRecordBytes(log: Buffer): number {
  return 7 + log.readUInt16LE(4);
}
