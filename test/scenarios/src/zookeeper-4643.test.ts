import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4643: a follower stored its current epoch before what it was synchronised with was durable',
  async (newCluster) => {
    // given: 3 leads epoch 1 and commits t with 2, while 1 is down; then 2 is down, too
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    await cluster.stop(1);
    await client.create('/t');
    await cluster.stop(2);
    await cluster.isHeadless();

    // when: 3 leads epoch 2 and sends t to 1, which loses its power before t is durable in its log
    cluster.disk(1).hold('log');
    cluster.start(1);
    await cluster.until(() => cluster.disk(1).waiting('log') > 0, '1 syncs what it was sent');
    await cluster.pass(1000);
    cluster.cutPower(1, 3);

    // then: 1 does not stand for an epoch whose history it has not, so that 2 leads, and t is there
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    expect(await (await cluster.client(1)).exists('/t')).toBe(true);
    await cluster.ends();
  },
);
