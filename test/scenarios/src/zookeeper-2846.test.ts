import { expect } from 'vitest';
import { absentAnywhere, outgrowMemory, presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2846 (open): a leader synchronised a learner from a log with entries that were never committed',
  async (newCluster) => {
    // given: 3, leading epoch 2 with 1, has logged /21 alone; 1 stays behind from then on
    const cluster = newCluster({ ensemble: { snapshotSizeFactor: 1000 } });
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/11');
    await client.create('/12');
    cluster.crash(1, 2, 3);
    cluster.start(1, 3);
    expect(await cluster.leaderOf(1, 3)).toBe(3);
    client.die();
    const second = await cluster.client(3);
    cluster.isolate(3);
    void second.send({ op: 'create', path: '/21', value: '21', mode: 0 });
    const { durable } = cluster.server(3);
    const uncommitted = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === uncommitted, '/21 is durable on 3');
    cluster.crash(1, 3);
    second.die();
    cluster.heal();

    // when: 1 and 2 live through epoch 3, 2 leads 3 in epoch 4; then 3 leads 1, to which it has to send what it remembers no more
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(1);
    await cluster.stop(1);
    await cluster.isHeadless();
    cluster.start(3);
    expect(await cluster.leaderOf(2, 3)).toBe(2);
    const third = await cluster.client(2);
    await third.createAll(['/41', '/42', '/43']);
    await outgrowMemory(cluster, third);
    cluster.crash(2, 3);
    third.die();
    cluster.start(1, 3);
    expect(await cluster.leaderOf(1, 3)).toBe(3);

    // then: 1 got all of epoch 4, and /21 from nobody
    cluster.start(2);
    await cluster.serves(2);
    expect(absentAnywhere(cluster, ['/12', '/41', '/42', '/43'])).toEqual([]);
    expect(presentAnywhere(cluster, ['/21'])).toEqual([]);
    await cluster.ends();
  },
);
