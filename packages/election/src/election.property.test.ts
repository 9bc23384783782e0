import { describe, expect, it } from 'vitest';
import { Ensemble } from '../test/ensemble.ts';

/** Seeds that are run; CORRAL_ELECTION_SEEDS=n runs n instead. */
const seeds = Number(process.env['CORRAL_ELECTION_SEEDS'] ?? 60);
const STORM = 600;

describe.each([
  [3, 0],
  [3, 1],
  [5, 0],
  [7, 1],
])('%i voters and %i observers, with losses, crashes and partitions', (voters, observers) => {
  it('never lead twice at one time, nor without what is committed; agree when all is well again, and are quiet then', () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const ensemble = new Ensemble(seed * 1000 + voters * 10 + observers, voters, observers);
      ensemble.start();
      for (let step = 0; step < STORM; step++) ensemble.disturb();

      ensemble.repair();
      ensemble.calm(10_000);

      expect(ensemble.agreedLeader, `seed ${seed}`).toBeDefined();
      const { sends, agreedLeader } = ensemble;
      ensemble.calm(2000);
      expect([ensemble.agreedLeader, ensemble.sends], `seed ${seed}`).toEqual([agreedLeader, sends]);
    }
  });
});

describe('five servers that begin together, and lose nothing', () => {
  it('elect the best of them within one wait, whatever arrives first', () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const ensemble = new Ensemble(seed, 5, 0);
      for (const actor of ensemble.stage.actors.values()) {
        actor.epoch = ensemble.dice.below(2);
        actor.zxid = ensemble.dice.below(3);
      }
      const [best] = [...ensemble.stage.actors.values()].toSorted(
        (a, b) => b.epoch - a.epoch || b.zxid - a.zxid || b.sid - a.sid,
      );
      ensemble.start();
      ensemble.calm(20);
      expect(ensemble.agreedLeader, `seed ${seed}`).toBe(best?.sid);
    }
  });
});
