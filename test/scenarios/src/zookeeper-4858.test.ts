import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4858: a snapshot that takes long holds up syncs, and learners that want to be brought up to date',
  async (newCluster) => {
    // given: the leader takes a snapshot, and its disk does not get done with it
    const cluster = newCluster({ config: { snapCount: 10 } });
    expect(await cluster.startAll()).toBe(3);
    cluster.disk(3).hold('snapshot');
    const client = await cluster.client(2);
    await client.createAll(Array.from({ length: 20 }, (_, i) => `/n${i}`));
    await cluster.until(() => cluster.disk(3).waiting('snapshot') > 0, '3 takes a snapshot');

    // when: clients sync, write, and a server comes back that has missed something
    cluster.crash(1);
    const before = cluster.world.clock.monotonic();
    await client.sync();
    await client.create('/meanwhile');
    const behindSync = cluster.world.clock.monotonic();
    cluster.start(1);
    await cluster.serves(1);

    // then: nobody has waited for the snapshot, which is still not done
    expect(behindSync - before).toBeLessThan(1000);
    expect(cluster.disk(3).waiting('snapshot')).toBeGreaterThan(0);
    expect(await (await cluster.client(1)).exists('/meanwhile')).toBe(true);
    cluster.disk(3).release('snapshot');
    await cluster.ends();
  },
);
