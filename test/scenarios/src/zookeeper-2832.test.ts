import { expect } from 'vitest';
import { presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2832 (open): what a learner had logged and nobody committed outlived a SNAP at a lower zxid',
  async (newCluster) => {
    // given: 2, leading epoch 2 with 1, has logged /21 alone
    const cluster = newCluster({ ensemble: { forceSnapshotSync: true } });
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/11');
    await client.create('/12');
    cluster.crash(1, 2, 3);
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    client.die();
    const second = await cluster.client(2);
    cluster.isolate(2);
    void second.send({ op: 'create', path: '/21', value: '21', mode: 0 });
    const { durable } = cluster.server(2);
    const uncommitted = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === uncommitted, '/21 is durable on 2');
    cluster.crash(1, 2);
    second.die();
    cluster.heal();

    // when: 1 and 3 live through epoch 3, then 3 leads 2, to which it sends its tree, in epoch 4
    cluster.start(1, 3);
    expect(await cluster.leaderOf(1, 3)).toBe(1);
    await cluster.stop(1);
    await cluster.isHeadless();
    cluster.start(2);
    expect(await cluster.leaderOf(2, 3)).toBe(3);
    expect(cluster.lines('s2 info SNAP at').length).toBeGreaterThan(0);
    await (await cluster.client(3)).create('/41');
    cluster.cutPower(2);
    cluster.start(1, 2);
    await cluster.leaderOf(1, 2, 3);

    // then
    expect(presentAnywhere(cluster, ['/21'])).toEqual([]);
    await cluster.ends();
  },
);
