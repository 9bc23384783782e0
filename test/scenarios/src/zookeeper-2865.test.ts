import { serverLine } from '@corral/testing';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2865: after reconfigurations the files of the servers said different things',
  async (newCluster) => {
    // given
    const cluster = newCluster({ servers: 5, config: { reconfigEnabled: true } });
    await cluster.startAll();
    const random = cluster.world.random();

    // when: twenty reconfigurations, around which servers die and lose their power
    for (let i = 0; i < 20; i++) {
      const leader = await cluster.leaderOf(...cluster.sids);
      const admin = await cluster.client(leader, { auth: ['digest', 'super:test'] });
      const sid = [1, 2][i % 2]!;
      const isVoter = cluster.committed.config.voters.has(sid);
      const answer = admin.send({
        op: 'reconfig',
        joining: serverLine(sid, isVoter ? 'observer' : 'participant'),
        leaving: '',
      });
      await cluster.pass(random.below(12));
      const victim = 1 + random.below(5);
      if (i % 3 === 0) cluster.cutPower(victim);
      else if (i % 3 === 1) cluster.crash(victim);
      await cluster.run(answer, 'the end of a reconfiguration');
      admin.die();
      cluster.start(victim);
    }
    await cluster.leaderOf(...cluster.sids);
    await cluster.pass(1000);
    cluster.crash(...cluster.sids);
    await cluster.startAll();

    // then: as they start again, what all have kept, and what all say, is the same
    const kept = cluster.sids.map((sid) => cluster.keptQuorum(sid)?.toString());
    expect(new Set(kept).size).toBe(1);
    expect(kept[0]).toBe(cluster.committed.config.toString());
    for (const sid of cluster.sids) {
      const client = await cluster.client(sid);
      expect(await client.getData('/zookeeper/config')).toBe(kept[0]);
    }
    await cluster.ends();
  },
);
