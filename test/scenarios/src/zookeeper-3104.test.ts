import { expect } from 'vitest';
import { outgrowMemory } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3104: a snapshot was ahead of the transactions sent behind it, and a crash left the two as an invalid pair',
  async (newCluster) => {
    // given: 1 has to be sent a SNAP
    const cluster = newCluster({ ensemble: { snapshotSizeFactor: -1 } });
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/value', '0');
    cluster.crash(1);
    await outgrowMemory(cluster, client);

    // when: the value changes all the time, before, while and after the snapshot is cut, and 1 dies as it acknowledges it
    const died: number[] = [];
    cluster.listen({
      onAcknowledged({ sid }, _zxid, isNewLeader) {
        if (sid !== 1 || !isNewLeader || died.length > 0) return;
        died.push(sid);
        cluster.cutPower(1);
      },
    });
    cluster.start(1);
    let value = 0;
    while (died.length === 0) {
      void client.sendAll(
        Array.from({ length: 3 }, () => ({
          op: 'setData' as const,
          path: '/value',
          value: `${++value}`,
          version: -1,
        })),
      );
      await cluster.pass(1);
    }
    expect(cluster.lines('s3 info SNAP at').length).toBeGreaterThan(0);

    // then: what it reads from its disk is what all had at that zxid, and the rest comes by a DIFF
    cluster.start(1);
    await cluster.serves(1);
    expect(await client.getData('/value')).toBe(`${value}`);
    expect(await (await cluster.client(1)).getData('/value')).toBe(`${value}`);
    await cluster.ends();
  },
);
