import { expect } from 'vitest';
import { absentOn, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4712: a learner that lost its leader read its disk again before its queued writes had reached it',
  async (newCluster) => {
    // given: 1 has appended ten transactions that are not durable yet
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.disk(1).hold('log');
    const queued = numbered('queued', 10);
    await client.createAll(queued);
    await cluster.until(() => cluster.disk(1).waiting('log') > 0, '1 syncs');

    // when: it loses its leader while its log is stuck, and finds it again once that goes on
    const votes: [lastZxid: number, durable: number][] = [];
    cluster.listen({
      onLooking: ({ sid, durable }, tree) =>
        void (sid === 1 && votes.push([tree.lastProcessedZxid, durable.durableZxid])),
    });
    cluster.world.network.reset('s1', 's3');
    await cluster.pass(1000);
    cluster.disk(1).release('log');
    await cluster.until(() => votes.length > 0, '1 looks for a leader');
    await cluster.serves(1);

    // then: what it had in memory when it voted was what its disk had, and a power cut takes nothing
    for (const [lastZxid, durable] of votes) expect(lastZxid).toBe(durable);
    cluster.cutPower(1);
    cluster.start(1);
    await cluster.serves(1);
    expect(absentOn(cluster, 1, queued)).toEqual([]);
    await cluster.ends();
  },
);
