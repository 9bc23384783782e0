import { expect } from 'vitest';
import { absentAnywhere, numbered, presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1154 (1156): a server with a transaction of its own came late and was sent a DIFF; a TRUNC cut too much',
  async (newCluster) => {
    // given: 3 has logged 74 alone
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    const early = ['/71', '/72', '/73'];
    await client.createAll(early);
    cluster.isolate(3);
    void client.send({ op: 'create', path: '/74', value: '74', mode: 0 });
    const { durable } = cluster.server(3);
    const own = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === own, '/74 is durable on 3');
    cluster.crash(1, 2, 3);
    client.die();
    cluster.heal();

    // when: the others go on, and it comes back
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    const late = numbered('8', 10);
    await (await cluster.client(1)).createAll(late);
    cluster.start(3);
    await cluster.serves(3);

    // then: it drops 74, and nothing else
    expect(cluster.lines('s3 info SNAP at').length).toBe(1); // no cut falls between two epochs
    expect(presentAnywhere(cluster, ['/74'])).toEqual([]);
    expect(absentAnywhere(cluster, [...early, ...late])).toEqual([]);
    await cluster.ends();
  },
);
