import { expect } from 'vitest';
import { absentOn, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4882 (open): a disk error that passes leaves a follower whose memory is ahead of a log with a hole',
  async (newCluster) => {
    // given: a sync of 1 hangs while ten nodes are made
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.disk(1).hold('log');
    const foo = numbered('foo', 10);
    await client.createAll(foo);

    // when: the sync fails, once
    cluster.disk(1).fail('log');
    cluster.disk(1).release('log');

    // then: 1 ends, for it knows no more what its disk has; started again it has everything
    await cluster.until(() => !cluster.server(1).isUp, '1 ends by itself', 100);
    cluster.start(1);
    await cluster.serves(1);
    expect(absentOn(cluster, 1, foo)).toEqual([]);
    cluster.cutPower(1, 2, 3);
    cluster.start(1, 2);
    await cluster.leaderOf(1, 2);
    expect(absentOn(cluster, 1, foo)).toEqual([]);
    await cluster.ends();
  },
);
