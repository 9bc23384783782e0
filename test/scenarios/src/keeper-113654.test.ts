import { expect, it } from 'vitest';
import { PowerCuts } from './harness/power-cuts.ts';

it('ClickHouse Keeper 113654: the file of the term and the vote is rewritten in place, and a power cut leaves half of it', async () => {
  // given: a server that comes to epoch after epoch
  const cuts = new PowerCuts();
  const storage = await cuts.open();
  let [accepted, current] = [0, 0];
  for (const epoch of [1, 2, 10, 200]) {
    const was = { accepted, current };
    // when: the power goes while it stores one, then: the old one is there or the new one, and nothing else
    cuts.claim = async ({ epochs }) => {
      expect([was.accepted, epoch]).toContain(epochs.accepted ?? 0);
      expect([was.current, epoch]).toContain(epochs.current ?? 0);
    };
    await storage.epochs.setAccepted(epoch);
    accepted = epoch;
    cuts.claim = async ({ epochs }) => {
      expect(epochs.accepted).toBe(epoch);
      expect([was.current, epoch]).toContain(epochs.current ?? 0);
    };
    await storage.epochs.setCurrent(epoch);
    current = epoch;
    cuts.claim = async ({ epochs }) => expect([epochs.accepted, epochs.current]).toEqual([epoch, epoch]);
  }

  expect(await cuts.check()).toBeGreaterThan(50);
});
