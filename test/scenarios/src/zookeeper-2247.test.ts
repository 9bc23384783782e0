import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2247: the log of the leader failed, and it went on leading without ever committing anything',
  async (newCluster) => {
    // given
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(1);
    await client.create('/before');

    // when: a sync of the leader's log fails
    cluster.disk(3).fail('log');
    void client.send({ op: 'create', path: '/t', value: 't', mode: 0 });

    // then: it stops, and another serves writes soon
    const begun = cluster.world.clock.monotonic();
    await cluster.until(() => !cluster.server(3).isUp, '3 ends by itself', 1000);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    await (await cluster.client(2)).create('/after');
    expect(cluster.world.clock.monotonic() - begun).toBeLessThan(2000);
    await cluster.ends();
  },
);
