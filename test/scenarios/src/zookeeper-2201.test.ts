import { expect } from 'vitest';
import { numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2201 (3531): a learner that stopped reading in the middle of its SNAP stopped the whole ensemble',
  async (newCluster) => {
    // given: a tree that is far larger than what a connection takes, and 1 is sent it
    const cluster = newCluster({ ensemble: { forceSnapshotSync: true } });
    await cluster.startAll();
    const client = await cluster.client(3);
    for (const path of numbered('large', 30)) await client.create(path, 'x'.repeat(50_000));
    cluster.cutPower(1);
    cluster.wipe(1);
    cluster.start(1);
    await cluster.until(() => cluster.lines('s1 info SNAP at').length > 0, '1 is sent a SNAP');

    // when: it stands still in the middle of that
    cluster.stall(1);
    await cluster.pass(100);
    expect(cluster.server(1).durable.snapshotZxid).toBe(0);

    // then: the others go on, also while the leader still waits for it
    const begun = cluster.world.clock.monotonic();
    await client.createAll(numbered('meanwhile', 20));
    expect(cluster.world.clock.monotonic() - begun).toBeLessThan(1000);
    await cluster.pass(8000);
    await client.create('/later');
    expect(cluster.leader).toBe(3);
    cluster.wake(1);
    await cluster.serves(1);
    await cluster.ends();
  },
);
