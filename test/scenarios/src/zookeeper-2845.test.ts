import { expect } from 'vitest';
import { presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2845: a former leader kept what it had never committed in its memory over an election',
  async (newCluster) => {
    // given: 3 leads, and logs x alone
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    const answer = client.send({ op: 'create', path: '/x', value: 'x', mode: 0 });
    const { durable } = cluster.server(3);
    const x = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === x, 'x is durable on 3');

    // when: 1 and 2 go on in a new epoch, and 3, which has lived through it all, follows
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    await (await cluster.client(1)).create('/other');
    await cluster.until(() => cluster.roleOf(3) === undefined, '3 notices that it has no quorum');
    cluster.heal();
    await cluster.serves(3);

    // then: x is nowhere, nor after a restart, and nobody was told that it was
    expect(cluster.roleOf(3)).toBe('follower');
    expect(presentAnywhere(cluster, ['/x'])).toEqual([]);
    expect((await cluster.run(answer, 'the end of the request')).outcome).toBe('unknown');
    await cluster.ends();
    expect(presentAnywhere(cluster, ['/x'])).toEqual([]);
  },
);
