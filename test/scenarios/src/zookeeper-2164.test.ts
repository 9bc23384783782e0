import { QuorumConfig } from '@corral/protocol';
import { serverLine } from '@corral/testing';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2164: where each server called itself 0.0.0.0, one that restarted never came back',
  async (newCluster) => {
    // given: the file of each server has a wildcard for itself
    const cluster = newCluster();
    for (const sid of cluster.sids) {
      const lines = cluster.sids.map((other) =>
        other === sid ? serverLine(other).replace(`s${other}:`, '0.0.0.0:') : serverLine(other),
      );
      cluster.configure(sid, { ensemble: { quorum: QuorumConfig.parse(lines.join('\n')) } });
    }
    await cluster.startAll();
    await (await cluster.client(1)).create('/before');

    // when: each restarts in turn, with and without an end in order
    for (const sid of [1, 2, 3, 1, 2, 3]) {
      if (cluster.world.clock.monotonic() % 2 < 1) await cluster.stop(sid);
      else cluster.crash(sid);
      cluster.start(sid);

      // then: it is back soon
      const begun = cluster.world.clock.monotonic();
      await cluster.leaderOf(1, 2, 3);
      expect(cluster.world.clock.monotonic() - begun).toBeLessThan(5000);
    }
    await cluster.ends();
  },
);
