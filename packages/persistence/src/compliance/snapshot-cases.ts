import assert from 'node:assert/strict';
import type { SnapshotTrailer } from '../snapshots.ts';
import type { ComplianceCase } from './fixture.ts';
import { assertLoads, assertRejects, at, CountedBody, sampleBody, takeSnapshot } from './samples.ts';
import { onEveryStore, type Stage } from './stage.ts';

const DIGEST = { zxid: at(7, 2), version: 2, value: 0xfedc_ba98_7654_3210n };
const TRAILERS: readonly [string, SnapshotTrailer][] = [
  ['nothing', {}],
  ['a digest', { digest: DIGEST }],
  ['the last processed zxid', { lastProcessedZxid: at(9, 2) }],
  ['a digest and the last processed zxid', { digest: DIGEST, lastProcessedZxid: at(9, 2) }],
  [
    'the empty digest of a fresh server',
    { digest: { zxid: at(0), version: 2, value: 0n }, lastProcessedZxid: at(0) },
  ],
];

export const snapshotCases: readonly ComplianceCase[] = [
  ...onEveryStore('there are no snapshots at first', async (stage) => {
    assert.deepEqual(await stage.storage.snapshots.list(), []);
  }),

  ...TRAILERS.flatMap(([what, trailer]) =>
    onEveryStore(`a snapshot is loaded as it was written, followed by ${what}`, async (stage) => {
      const body = sampleBody(10_000);
      const info = await takeSnapshot(stage.storage, at(7, 2), body, trailer);
      assert.equal(info.zxid, at(7, 2));
      await stage.again();
      const listed = await stage.storage.snapshots.list();
      assert.deepEqual(listed, [info]);
      const loaded = await assertLoads(stage.storage, listed[0]!, body);
      assert.deepEqual(loaded.digest, trailer.digest);
      assert.equal(loaded.lastProcessedZxid, trailer.lastProcessedZxid);
    }),
  ),

  ...onEveryStore('a body may be small or large and come in pieces of any size', async (stage) => {
    const sizes = [
      [1, 1],
      [300, 1],
      [70_000, 333],
      [3_000_000, 1_000_000],
    ] as const;
    for (const [i, [length, chunk]] of sizes.entries()) {
      const body = sampleBody(length, i);
      const info = await takeSnapshot(
        stage.storage,
        at(i + 1),
        body,
        { lastProcessedZxid: at(i + 1) },
        chunk,
      );
      await stage.again();
      await assertLoads(stage.storage, info, body);
    }
  }),

  ...onEveryStore('snapshots are listed newest first', async (stage) => {
    for (const zxid of [at(9), at(16), at(1, 1), at(10)]) await takeSnapshot(stage.storage, zxid);
    await stage.again();
    await assertListed(stage, [at(1, 1), at(16), at(10), at(9)]);
  }),

  ...onEveryStore('a snapshot that is not committed does not exist', async (stage) => {
    await takeSnapshot(stage.storage, at(1));
    const sink = await stage.storage.snapshots.create(at(2));
    await sink.write(sampleBody(100_000));
    await assertListed(stage, [at(1)]);
    await stage.again();
    await assertListed(stage, [at(1)]);
  }),

  ...onEveryStore('an aborted snapshot leaves no trace, and aborting twice is harmless', async (stage) => {
    const sink = await stage.storage.snapshots.create(at(2));
    await sink.write(sampleBody(100_000));
    await sink.abort();
    await sink.abort();
    await assertListed(stage, []);
    await stage.again();
    await assertListed(stage, []);
    assert.deepEqual(stage.storage.state.repairs, []);
  }),

  ...onEveryStore('one snapshot is written at a time', async (stage) => {
    const first = await stage.storage.snapshots.create(at(1));
    await assert.rejects(stage.storage.snapshots.create(at(2)), RangeError);
    await first.write(sampleBody(10));
    await first.commit({});
    const second = await stage.storage.snapshots.create(at(2));
    await assert.rejects(stage.storage.snapshots.create(at(3)), RangeError);
    await second.abort();
    await takeSnapshot(stage.storage, at(3));
    await stage.again();
    await assertListed(stage, [at(3), at(1)]);
  }),

  ...onEveryStore('nothing is written to a snapshot that was committed or aborted', async (stage) => {
    const committed = await stage.storage.snapshots.create(at(1));
    await committed.write(sampleBody(10));
    await committed.commit({});
    await assertRejects(committed.write(sampleBody(10)), 'CLOSED');
    await assertRejects(committed.commit({}), 'CLOSED');
    await committed.abort();
    const aborted = await stage.storage.snapshots.create(at(2));
    await aborted.abort();
    await assertRejects(aborted.write(sampleBody(10)), 'CLOSED');
    await assertRejects(aborted.commit({}), 'CLOSED');
    await stage.again();
    await assertListed(stage, [at(1)]);
  }),

  ...onEveryStore('a snapshot replaces an older one of the same zxid', async (stage) => {
    await takeSnapshot(stage.storage, at(5), sampleBody(2000, 1));
    const info = await takeSnapshot(stage.storage, at(5), sampleBody(1000, 2));
    await stage.again();
    await assertListed(stage, [at(5)]);
    await assertLoads(stage.storage, info, sampleBody(1000, 2));
  }),

  ...onEveryStore('a snapshot that is not there is NOT_FOUND', async (stage) => {
    const info = await takeSnapshot(stage.storage, at(5));
    await takeSnapshot(stage.storage, at(6));
    await stage.storage.snapshots.purge(1);
    await assertRejects(stage.storage.snapshots.load(info, new CountedBody(1000)), 'NOT_FOUND');
  }),

  ...onEveryStore('a body that ends too early or not at all is DAMAGED', async (stage) => {
    const info = await takeSnapshot(stage.storage, at(5), sampleBody(1000));
    await stage.again();
    for (const length of [1, 999, 1001, 100_000]) {
      await assertRejects(stage.storage.snapshots.load(info, new CountedBody(length)), 'DAMAGED');
    }
    await assertLoads(stage.storage, info, sampleBody(1000));
  }),

  ...onEveryStore('a body that makes no sense to its parser is DAMAGED', async (stage) => {
    const info = await takeSnapshot(stage.storage, at(5));
    const nonsense = {
      ended: false,
      push: (): number => {
        throw new Error('nonsense');
      },
    };
    await assertRejects(stage.storage.snapshots.load(info, nonsense), 'DAMAGED');
  }),

  ...onEveryStore('purge keeps the newest and tells what it removed', async (stage) => {
    for (let i = 1; i <= 5; i++) await takeSnapshot(stage.storage, at(i));
    assert.deepEqual(await stage.storage.snapshots.purge(6), []);
    const removed = await stage.storage.snapshots.purge(3);
    assert.equal(removed.length, 2);
    await stage.again();
    await assertListed(stage, [at(5), at(4), at(3)]);
    await assert.rejects(stage.storage.snapshots.purge(0), RangeError);
    await assertListed(stage, [at(5), at(4), at(3)]);
  }),

  ...onEveryStore(
    'discardAbove removes what is above the zxid, for good, and nothing else',
    async (stage) => {
      for (let i = 1; i <= 4; i++) await takeSnapshot(stage.storage, at(i));
      assert.deepEqual(await stage.storage.snapshots.discardAbove(at(4)), []);
      const removed = await stage.storage.snapshots.discardAbove(at(2));
      assert.equal(removed.length, 2);
      await stage.again();
      await assertListed(stage, [at(2), at(1)]);
      const sink = await stage.storage.snapshots.create(at(3));
      await assert.rejects(stage.storage.snapshots.discardAbove(at(1)), RangeError);
      await sink.abort();
      await assertListed(stage, [at(2), at(1)]);
    },
  ),
];

async function assertListed(stage: Stage, expected: readonly number[]): Promise<void> {
  const listed = await stage.storage.snapshots.list();
  assert.deepEqual(
    listed.map(({ zxid }) => zxid),
    expected,
  );
}
