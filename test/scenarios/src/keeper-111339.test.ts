import { toZxid } from '@corral/protocol';
import { expect, it } from 'vitest';
import { append, logged, PowerCuts } from './harness/power-cuts.ts';

it('ClickHouse Keeper 111339: the directory is not synced, and a power cut takes a whole log file or snapshot that was acknowledged', async () => {
  // given: a log that goes on in file after file, and snapshots between them
  const cuts = new PowerCuts();
  const storage = await cuts.open();
  for (let zxid = 1; zxid <= 6; zxid += 2) {
    append(storage, zxid, zxid + 1);
    await storage.log.sync();

    // when: the power goes at any moment behind the acknowledgement, then: the file is there, with all that was in it
    cuts.claim = async (found) => expect((await logged(found)).slice(0, zxid + 1).at(-1)).toBe(zxid + 1);
    storage.log.roll();
    const sink = await storage.snapshots.create(toZxid(zxid + 1));
    await sink.write(Uint8Array.of(1, 2, 3));
    await sink.commit({});
    const before = cuts.claim;
    cuts.claim = async (found) => {
      await before(found);
      expect((await found.snapshots.list()).map((info) => info.zxid)).toContain(zxid + 1);
    };
  }

  expect(await cuts.check()).toBeGreaterThan(100);
});
