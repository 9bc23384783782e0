import assert from 'node:assert/strict';
import { EPOCH_MAX } from '@corral/protocol';
import type { ComplianceCase } from './fixture.ts';
import {
  appendAll,
  assertHolds,
  assertRejects,
  assertSameBytes,
  assertThrows,
  at,
  entry,
  range,
  readAll,
} from './samples.ts';
import { onEveryStore } from './stage.ts';

export const logCases: readonly ComplianceCase[] = [
  ...onEveryStore('a log without entries has lastZxid 0 and hands out nothing', async (stage) => {
    assert.equal(stage.storage.log.lastZxid, 0);
    await assertHolds(stage.storage.log, []);
    await stage.storage.log.sync();
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, 0);
    await assertHolds(stage.storage.log, []);
  }),

  ...onEveryStore('synced entries are handed out in order, byte for byte', async (stage) => {
    appendAll(stage.storage.log, range(1, 20));
    await stage.storage.log.sync();
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, at(20));
    appendAll(stage.storage.log, range(21, 40));
    await stage.storage.log.sync();
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, at(40));
    await assertHolds(stage.storage.log, range(1, 40));
  }),

  ...onEveryStore('read hands out what is above the zxid it was given', async (stage) => {
    appendAll(stage.storage.log, range(1, 10));
    stage.storage.log.roll();
    appendAll(stage.storage.log, range(11, 20));
    await stage.storage.log.sync();
    await stage.again();
    for (const after of [0, 1, 9, 10, 11, 19, 20, 21]) {
      await assertHolds(stage.storage.log, range(after + 1, Math.max(20, after)), at(after));
    }
  }),

  ...onEveryStore(
    'what was synced is there after whatever comes next; the rest is there in order or not',
    async (stage) => {
      appendAll(stage.storage.log, range(1, 5));
      await stage.storage.log.sync();
      appendAll(stage.storage.log, range(6, 9));
      await stage.again();
      const found = await readAll(stage.storage.log);
      assert.ok(found.length >= 5 && found.length <= 9);
      await assertHolds(stage.storage.log, range(1, found.length));
      if (!stage.crashes) await stage.storage.log.sync();
    },
  ),

  ...onEveryStore('what was not synced is not handed out', async (stage) => {
    appendAll(stage.storage.log, range(1, 5));
    await stage.storage.log.sync();
    appendAll(stage.storage.log, range(6, 9));
    await assertHolds(stage.storage.log, range(1, 5));
    await stage.storage.log.sync();
    await assertHolds(stage.storage.log, range(1, 9));
  }),

  ...onEveryStore('the entry belongs to the caller again when append returns', async (stage) => {
    const bytes = new Uint8Array(60);
    for (const zxid of range(1, 3)) {
      bytes.set(entry(zxid));
      stage.storage.log.append(zxid, bytes);
      bytes.fill(0xff);
    }
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 3));
  }),

  ...onEveryStore('what the handler does to an entry changes nothing', async (stage) => {
    appendAll(stage.storage.log, range(1, 3));
    await stage.storage.log.sync();
    await stage.storage.log.read(at(0), ({ bytes }) => void bytes.fill(0xff));
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 3));
  }),

  ...onEveryStore('a zxid that is not above the last one is refused and leaves no trace', async (stage) => {
    appendAll(stage.storage.log, range(1, 5));
    await stage.storage.log.sync();
    await stage.again();
    for (const zxid of [at(5), at(4), at(0)]) {
      assert.throws(() => stage.storage.log.append(zxid, entry(zxid)), RangeError);
    }
    appendAll(stage.storage.log, [at(6)]);
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 6));
  }),

  ...onEveryStore('an entry without a whole header is refused', async (stage) => {
    assert.throws(() => stage.storage.log.append(at(1), new Uint8Array(0)), RangeError);
    assert.throws(() => stage.storage.log.append(at(1), entry(at(1)).subarray(0, 31)), RangeError);
    assert.equal(stage.storage.log.lastZxid, 0);
  }),

  ...onEveryStore('zxids may skip, and reach the highest epoch', async (stage) => {
    const zxids = [
      at(1),
      at(7),
      at(1, 1),
      at(2, 1),
      at(0xffff_ffff, 5),
      at(1, EPOCH_MAX),
      at(0xffff_ffff, EPOCH_MAX),
    ];
    appendAll(stage.storage.log, zxids);
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, zxids);
    await assertHolds(stage.storage.log, zxids.slice(-2), at(0xffff_ffff, 5));
    assert.equal(stage.storage.log.lastZxid, zxids.at(-1));
  }),

  ...onEveryStore('entries may be as large as 1 MiB', async (stage) => {
    const sizes = [60, 1 << 20, 33, (1 << 20) - 13, 4096, 1 << 20, 60];
    for (const [i, size] of sizes.entries()) {
      stage.storage.log.append(at(i + 1), entry(at(i + 1), size));
      if (i % 3 === 2) await stage.storage.log.sync();
    }
    await stage.storage.log.sync();
    await stage.again();
    const found = await readAll(stage.storage.log);
    assert.deepEqual(
      found.map(({ zxid, bytes }) => [zxid, bytes.length]),
      sizes.map((size, i) => [i + 1, size]),
    );
    for (const { zxid, bytes } of found) assertSameBytes(bytes, entry(zxid, bytes.length));
  }),

  ...onEveryStore('thousands of entries may gather for one sync', async (stage) => {
    appendAll(stage.storage.log, range(1, 5000));
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 5000));
  }),

  ...onEveryStore('syncs may overlap: each covers what was appended before it', async (stage) => {
    const syncs: Promise<void>[] = [];
    for (const zxid of range(1, 50)) {
      appendAll(stage.storage.log, [zxid]);
      syncs.push(stage.storage.log.sync());
      if (zxid % 7 === 0) await syncs.at(-3);
    }
    await Promise.all(syncs);
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 50));
  }),

  ...onEveryStore('a handler that returns a promise is waited for', async (stage) => {
    appendAll(stage.storage.log, range(1, 10));
    await stage.storage.log.sync();
    const trace: string[] = [];
    await stage.storage.log.read(at(0), async ({ zxid, bytes }) => {
      trace.push(`begin ${zxid}`);
      await Promise.resolve();
      assert.deepEqual(bytes, entry(zxid));
      trace.push(`end ${zxid}`);
    });
    assert.deepEqual(
      trace,
      range(1, 10).flatMap((zxid) => [`begin ${zxid}`, `end ${zxid}`]),
    );
  }),

  ...onEveryStore('a handler that throws ends the reading with its error', async (stage) => {
    appendAll(stage.storage.log, range(1, 10));
    await stage.storage.log.sync();
    const error = new Error('enough');
    let count = 0;
    const reading = stage.storage.log.read(at(0), () => {
      count++;
      if (count === 3) throw error;
    });
    await assert.rejects(reading, error);
    assert.equal(count, 3);
    await assertHolds(stage.storage.log, range(1, 10));
  }),

  ...onEveryStore('rolling changes nothing about what is read', async (stage) => {
    for (let i = 0; i < 5; i++) {
      stage.storage.log.roll();
      stage.storage.log.roll();
      appendAll(stage.storage.log, range(i * 3 + 1, i * 3 + 3));
      if (i % 2 === 0) await stage.storage.log.sync();
    }
    stage.storage.log.roll();
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 15));
  }),

  ...onEveryStore('sinceRoll counts what was appended since the last roll', async (stage) => {
    await stage.again();
    const counted = (): number[] => [stage.storage.log.sinceRoll.entries, stage.storage.log.sinceRoll.bytes];
    assert.deepEqual(counted(), [0, 0]);
    appendAll(stage.storage.log, range(1, 3));
    assert.deepEqual(counted(), [3, 180]);
    stage.storage.log.roll();
    assert.deepEqual(counted(), [0, 0]);
    appendAll(stage.storage.log, range(4, 5));
    assert.deepEqual(counted(), [2, 120]);
    await stage.storage.log.sync();
    assert.deepEqual(counted(), [2, 120]);
  }),

  ...[4, 5, 7, 10, 11, 15].flatMap((last) =>
    onEveryStore(`truncate to ${last} of 15 forgets what is above it`, async (stage) => {
      for (let i = 0; i < 3; i++) {
        appendAll(stage.storage.log, range(i * 5 + 1, i * 5 + 5));
        await stage.storage.log.sync();
        stage.storage.log.roll();
      }
      await stage.again();
      await stage.storage.log.truncate(at(last));
      assert.equal(stage.storage.log.lastZxid, at(last));
      await assertHolds(stage.storage.log, range(1, last));
      await stage.again();
      assert.equal(stage.storage.log.lastZxid, at(last));
      await assertHolds(stage.storage.log, range(1, last));
      appendAll(stage.storage.log, range(1, 2, 1));
      await stage.storage.log.sync();
      await stage.again();
      await assertHolds(stage.storage.log, [...range(1, last), ...range(1, 2, 1)]);
    }),
  ),

  ...onEveryStore('truncate to a zxid that is not there is NOT_FOUND and changes nothing', async (stage) => {
    appendAll(stage.storage.log, [at(2), at(3), at(5), at(2, 1)]);
    await stage.storage.log.sync();
    await stage.again();
    for (const zxid of [at(1), at(4), at(6), at(1, 1), at(3, 1), at(1, 7)]) {
      await assertRejects(stage.storage.log.truncate(zxid), 'NOT_FOUND');
    }
    await stage.again();
    await assertHolds(stage.storage.log, [at(2), at(3), at(5), at(2, 1)]);
    assert.equal(stage.storage.log.lastZxid, at(2, 1));
  }),

  ...onEveryStore('truncate to 0 forgets everything', async (stage) => {
    appendAll(stage.storage.log, range(1, 5));
    stage.storage.log.roll();
    appendAll(stage.storage.log, range(6, 9));
    await stage.storage.log.sync();
    await stage.again();
    await stage.storage.log.truncate(at(0));
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, at(0));
    await assertHolds(stage.storage.log, []);
    appendAll(stage.storage.log, range(3, 4));
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, range(3, 4));
  }),

  ...onEveryStore('truncate counts what was appended and not yet synced', async (stage) => {
    appendAll(stage.storage.log, range(1, 9));
    await stage.storage.log.truncate(at(7));
    await stage.again();
    await assertHolds(stage.storage.log, range(1, 7));
  }),

  ...onEveryStore('purge keeps everything above the zxid it was given', async (stage) => {
    for (let i = 0; i < 4; i++) {
      appendAll(stage.storage.log, range(i * 5 + 1, i * 5 + 5));
      await stage.storage.log.sync();
      stage.storage.log.roll();
    }
    assert.deepEqual(await stage.storage.log.purge(at(0)), []);
    await stage.again();
    await stage.storage.log.purge(at(4));
    await assertHolds(stage.storage.log, range(5, 20), at(4));
    assert.notDeepEqual(await stage.storage.log.purge(at(13)), []);
    await stage.again();
    await assertHolds(stage.storage.log, range(14, 20), at(13));
    await stage.storage.log.purge(at(20));
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, at(20));
    await assertHolds(stage.storage.log, [], at(20));
    appendAll(stage.storage.log, [at(21)]);
    await stage.storage.log.sync();
    await stage.again();
    await assertHolds(stage.storage.log, [at(21)], at(20));
  }),

  ...onEveryStore('close makes durable what was appended', async (stage) => {
    appendAll(stage.storage.log, range(1, 5));
    await stage.storage.close();
    const storage = await stage.fixture.open();
    await assertHolds(storage.log, range(1, 5));
    await storage.close();
  }),

  ...onEveryStore(
    'after a failed sync nothing is taken any more, and what was acknowledged before is there',
    async (stage) => {
      const { log } = stage.storage;
      appendAll(log, range(1, 5));
      await log.sync();
      appendAll(log, range(6, 7));
      stage.fixture.failSync();
      const failing = log.sync();
      const waiting = log.sync();
      await assert.rejects(failing);
      await assert.rejects(waiting);
      await assert.rejects(log.sync());
      assertThrows(() => log.append(at(8), entry(at(8))), 'CLOSED');
      await assert.rejects(log.truncate(at(5)));
      await stage.storage.close();
      const storage = await stage.fixture.open();
      const found = await readAll(storage.log);
      assert.ok(found.length >= 5 && found.length <= 7);
      await assertHolds(storage.log, range(1, found.length));
      await storage.close();
    },
    ['failing-sync'],
  ),
];
