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

    // when: 3 is elected, and nobody acknowledges its epoch; it gives up, and is elected again and again
    const votes: (number | undefined)[] = [];
    cluster.listen({ onLooking: (_member, _tree, zxid) => void votes.push(zxid) });
    cluster.disk(1).hold('currentEpoch');
    cluster.disk(2).hold('currentEpoch');
    cluster.start(1, 2, 3);
    await cluster.until(() => cluster.disk(2).waiting('currentEpoch') > 0, '2 stores the epoch');
    await cluster.pass(500);
    cluster.crash(3);
    cluster.start(3);
    await cluster.pass(8000);

    // then: all stand for what they have
    expect(cluster.leader).toBe(undefined);
    expect(votes.length).toBeGreaterThan(4);
    expect(new Set(votes)).toEqual(new Set([last]));
    await cluster.ends();
  },
);
