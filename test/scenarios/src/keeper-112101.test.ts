import { toZxid } from '@corral/protocol';
import { expect, it } from 'vitest';
import { append, logged, PowerCuts } from './harness/power-cuts.ts';

const KEPT = [1, 2, 3, 4];

it('ClickHouse Keeper 112101: a truncation over several files is acknowledged before the old files are gone, and a power cut brings them back', async () => {
  // given: a log in four files
  const cuts = new PowerCuts();
  const storage = await cuts.open();
  for (let zxid = 1; zxid <= 12; zxid += 3) {
    append(storage, zxid, zxid + 1, zxid + 2);
    await storage.log.sync();
    storage.log.roll();
  }

  // when: the power goes while it is cut within the second, then: what stays is there, and of the rest only a beginning
  cuts.claim = async (found) => {
    const zxids = await logged(found);
    expect(zxids.slice(0, KEPT.length)).toEqual(KEPT);
    expect(zxids).toEqual(zxids.map((_, i) => i + 1));
  };
  await storage.log.truncate(toZxid(4));

  // when: it goes behind that, then: what was cut never comes back, also not beside what is written then
  cuts.claim = async (found) => expect(await logged(found)).toEqual(KEPT);
  storage.log.roll();
  cuts.claim = async (found) => {
    const zxids = await logged(found);
    expect(zxids.slice(0, KEPT.length)).toEqual(KEPT);
    expect([0x1_0000_0001, undefined]).toContain(zxids[KEPT.length]);
  };
  append(storage, 0x1_0000_0001);
  await storage.log.sync();
  cuts.claim = async (found) => expect(await logged(found)).toEqual([...KEPT, 0x1_0000_0001]);

  expect(await cuts.check()).toBeGreaterThan(50);
});
