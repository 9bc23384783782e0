import { expect } from 'vitest';
import { absentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4785 (4541): the epoch was stored and acknowledged, and the log failed afterwards',
  async (newCluster) => {
    // given: t is on 2 and 3 only, and 2 is down
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    await client.create('/t');
    cluster.crash(2);
    await cluster.isHeadless();

    // when: 1 follows 3 in a new epoch, and its log stands still from its ACK of NEWLEADER on; then both lose their power
    cluster.listen({
      onAcknowledged: ({ sid }, _zxid, isNewLeader) =>
        void (sid === 1 && isNewLeader && cluster.disk(1).hold('log')),
    });
    cluster.start(1);
    expect(await cluster.leaderOf(1, 3)).toBe(3);
    await cluster.pass(300);
    cluster.cutPower(1, 3);

    // then: 1 wins by its epoch, and has t
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(1);
    await (await cluster.client(2)).create('/after');
    cluster.start(3);
    await cluster.serves(3);
    expect(absentAnywhere(cluster, ['/before', '/t', '/after'])).toEqual([]);
    await cluster.ends();
  },
);
