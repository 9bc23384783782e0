import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4646: a follower acknowledged NEWLEADER before what it was synchronised with was durable',
  async (newCluster) => {
    // given: 3 has logged t alone, and has lost its quorum
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    void client.send({ op: 'create', path: '/t', value: 't', mode: 0 });
    const { durable } = cluster.server(3);
    const t = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === t, 't is durable on 3');
    cluster.cutPower(1, 2);
    cluster.heal();
    await cluster.isHeadless();

    // when: 1 and 2 are sent t by 3 in the next epoch, while nothing becomes durable in their logs
    cluster.disk(1).hold('log');
    cluster.disk(2).hold('log');
    cluster.start(1, 2);
    await cluster.until(() => cluster.disk(1).waiting('log') > 0, '1 syncs what it was sent');
    await cluster.until(() => cluster.disk(2).waiting('log') > 0, '2 syncs what it was sent');
    await cluster.pass(2000);

    // then: 3 does not serve, so that nobody reads t, which a power cut takes from both
    expect(cluster.leader).toBe(undefined);
    cluster.cutPower(1, 2, 3);
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    expect(await (await cluster.client(1)).exists('/t')).toBe(false);
    await cluster.ends();
  },
);
