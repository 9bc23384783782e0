import { expect } from 'vitest';
import { absentOn, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3023: when a follower acknowledged NEWLEADER, its disk and memory did not have all of the DIFF',
  async (newCluster) => {
    // given: 1 has missed ten transactions
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    const missed = numbered('missed', 10);
    await client.createAll(missed);
    const last = cluster.committed.lastZxid;

    // when: it loses its power as it acknowledges NEWLEADER
    const durableAtAck: number[] = [];
    const voted: number[] = [];
    cluster.listen({
      onAcknowledged({ sid, durable }, _zxid, isNewLeader) {
        if (sid !== 1 || !isNewLeader || durableAtAck.length > 0) return;
        durableAtAck.push(durable.syncedZxid);
        cluster.cutPower(1);
      },
      onLooking: ({ sid }, _tree, lastZxid) => void (sid === 1 && voted.push(lastZxid ?? -1)),
    });
    cluster.start(1);
    await cluster.until(() => durableAtAck.length > 0, '1 acknowledges NEWLEADER');
    cluster.start(1);
    await cluster.serves(1);

    // then: all of it was durable, and it stands for it in the next election
    expect(durableAtAck).toEqual([last]);
    expect(voted.at(-1)).toBe(last);
    expect(absentOn(cluster, 1, missed)).toEqual([]);
    await cluster.ends();
  },
);
