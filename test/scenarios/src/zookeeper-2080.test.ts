import { serverLine } from '@corral/testing';
import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-2080 (2778): elections and reconfigurations at the same time waited for each other for ever', () => {
  for (const seed of [1, 2, 3])
    scenario(`whatever comes first, there is an end: ${seed}`, async (newCluster) => {
      // given
      const cluster = newCluster({ servers: 5, seed, config: { reconfigEnabled: true } });
      await cluster.startAll();
      const random = cluster.world.random();
      for (let round = 0; round < 6; round++) {
        const leader = await cluster.leaderOf(...cluster.sids);
        const admin = await cluster.client(leader, { auth: ['digest', 'super:test'] });

        // when: a member is to leave or to come, while the leader dies, a link ends, and somebody restarts
        const isOut = !cluster.committed.config.voters.has(1);
        void admin.send(
          isOut
            ? { op: 'reconfig', joining: serverLine(1), leaving: '' }
            : { op: 'reconfig', joining: '', leaving: '1' },
        );
        await cluster.pass(random.below(20));
        const [one, other] = [1 + random.below(5), 1 + random.below(5)];
        cluster.world.network.reset(`s${one}`, `s${other}`);
        await cluster.pass(random.below(20));
        if (round % 2 === 0) cluster.crash(leader);
        else if (one !== leader) cluster.crash(one);
        await cluster.pass(random.below(500));
        cluster.start(...cluster.sids);
        admin.die();

        // then: there is a leader again, and everybody serves
        expect(await cluster.leaderOf(...cluster.sids)).toBeGreaterThan(0);
      }
      await cluster.ends();
    });
});
