import { describe, expect, it } from 'vitest';
import { Cluster } from '../test/cluster.ts';

/** CORRAL_ZAB_SEEDS=from-to in the environment runs those instead. */
const [from = 1, to = 25] = (process.env['CORRAL_ZAB_SEEDS'] ?? '').split('-').filter(Boolean).map(Number);

describe.each([3, 5])('an ensemble of %i whose servers crash and lose links at any point', (size) => {
  it.each(Array.from({ length: to - from + 1 }, (_, i) => from + i))(
    'loses nothing it has committed and comes to one history (seed %i)',
    (seed) => {
      const cluster = new Cluster(size, seed, 25);
      try {
        for (let i = 0; i < 3000; i++) cluster.step();
        cluster.heal();
      } catch (error) {
        console.error(`seed ${seed}, ${size} members\n${cluster.trace}`);
        throw error;
      }

      expect(cluster.committed.length).toBeGreaterThan(0);
    },
  );
});
