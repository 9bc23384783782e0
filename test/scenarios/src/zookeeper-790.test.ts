import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-790: a leader that never had a quorum stood for the first zxid of its epoch in the next election',
  async (newCluster) => {
    // given: some history
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    await cluster.pass(100);
    const last = cluster.committed.lastZxid;
    cluster.crash(1, 2, 3);
    client.die();

    // when: 3 is elected, and nobody lives to acknowledge its epoch, again and again; then it dies as well
    const votes: number[] = [];
    cluster.listen({ onLooking: ({ sid }, _tree, zxid) => void (sid === 3 && votes.push(zxid ?? -1)) });
    cluster.start(3);
    for (let round = 1; round <= 3; round++) {
      cluster.disk(1).hold('currentEpoch');
      cluster.disk(2).hold('currentEpoch');
      cluster.start(1, 2);
      await cluster.until(() => cluster.disk(2).waiting('currentEpoch') > 0, '2 stores the epoch');
      await cluster.pass(100);
      cluster.crash(1, 2);
      await cluster.until(() => votes.length > round, '3 gives up, and looks again');
    }
    cluster.crash(3);
    cluster.start(3);
    await cluster.until(() => votes.length > 4, '3 looks again');

    // then: it stands for what it has
    expect(cluster.leader).toBe(undefined);
    expect(new Set(votes)).toEqual(new Set([last]));
    await cluster.ends();
  },
);
