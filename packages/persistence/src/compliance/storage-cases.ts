import assert from 'node:assert/strict';
import type { Storage } from '../storage.ts';
import { epochCases } from './epoch-cases.ts';
import type { ComplianceCase } from './fixture.ts';
import { logCases } from './log-cases.ts';
import { appendAll, assertRejects, assertThrows, at, entry, range, takeSnapshot } from './samples.ts';
import { snapshotCases } from './snapshot-cases.ts';
import { onEveryStore, type Stage } from './stage.ts';

/**
 * The contract of `Storage` as cases. Run each whose `requires` the factory can do, in any test runner:
 *
 *     const can = (capability) => factory.capabilities.includes(capability);
 *     for (const { name, requires, run } of storageCases) if (requires.every(can)) test(name, () => run(factory));

 */
export const storageCases: readonly ComplianceCase[] = [
  ...onEveryStore('a place where nothing was stored is empty', async (stage) => {
    assert.equal(stage.storage.state.isEmpty, true);
    await stage.again();
    assert.equal(stage.storage.state.isEmpty, true);
  }),

  ...onEveryStore('an entry in the log makes it not empty', async (stage) => {
    appendAll(stage.storage.log, [at(1)]);
    await stage.storage.log.sync();
    await stage.storage.close();
    assert.equal((await reopened(stage)).state.isEmpty, false);
  }),

  ...onEveryStore('a snapshot makes it not empty', async (stage) => {
    await takeSnapshot(stage.storage, at(0));
    await stage.storage.close();
    assert.equal((await reopened(stage)).state.isEmpty, false);
  }),

  ...onEveryStore('size grows with what is stored', async (stage) => {
    const before = await stage.storage.size();
    appendAll(stage.storage.log, range(1, 100));
    await stage.storage.log.sync();
    await takeSnapshot(stage.storage, at(100));
    const after = await stage.storage.size();
    assert.ok(after.logBytes > before.logBytes);
    assert.ok(after.snapshotBytes > before.snapshotBytes);
  }),

  ...onEveryStore('a place is open once at a time', async (stage) => {
    await assertRejects(stage.fixture.open(), 'LOCKED');
    await stage.again();
    await assertRejects(stage.fixture.open(), 'LOCKED');
  }),

  ...onEveryStore('nothing may be done after close, and closing twice is harmless', async (stage) => {
    const { storage } = stage;
    await storage.close();
    await storage.close();
    assertThrows(() => storage.log.append(at(1), entry(at(1))), 'CLOSED');
    await assertRejects(storage.log.sync(), 'CLOSED');
    await assertRejects(storage.log.truncate(at(0)), 'CLOSED');
    await assertRejects(storage.log.purge(at(0)), 'CLOSED');
    await assertRejects(
      storage.log.read(at(0), () => {}),
      'CLOSED',
    );
    await assertRejects(storage.snapshots.create(at(1)), 'CLOSED');
    await assertRejects(storage.snapshots.list(), 'CLOSED');
    await assertRejects(storage.snapshots.purge(3), 'CLOSED');
    await assertRejects(storage.epochs.setAccepted(1), 'CLOSED');
    await assertRejects(storage.epochs.setCurrent(0), 'CLOSED');
  }),

  ...onEveryStore('log, snapshots and epochs do not get in each other’s way', async (stage) => {
    const { log, snapshots, epochs } = stage.storage;
    const sink = await snapshots.create(at(3));
    appendAll(log, range(1, 5));
    const [, , info] = await Promise.all([
      log.sync(),
      epochs.setAccepted(1),
      sink.write(entry(at(9))).then(() => sink.commit({})),
    ]);
    assert.equal(info.zxid, at(3));
    await stage.again();
    assert.equal(stage.storage.log.lastZxid, at(5));
    assert.equal(stage.storage.epochs.accepted, 1);
    assert.deepEqual(
      (await stage.storage.snapshots.list()).map(({ zxid }) => zxid),
      [at(3)],
    );
  }),

  ...logCases,
  ...snapshotCases,
  ...epochCases,
];

/** Opens what the case has closed, and closes it again. */
async function reopened({ fixture }: Stage): Promise<Storage> {
  const storage = await fixture.open();
  await storage.close();
  return storage;
}
