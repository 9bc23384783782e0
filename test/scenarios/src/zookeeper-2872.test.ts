import { expect } from 'vitest';
import { absentOn, numbered, outgrowMemory } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2872: the snapshot behind a SNAP was not synced when it was acknowledged',
  async (newCluster) => {
    // given: 1 is sent a SNAP
    const cluster = newCluster({ ensemble: { snapshotSizeFactor: -1 } });
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    const missed = numbered('missed', 5);
    await client.createAll(missed);
    await outgrowMemory(cluster, client);
    const acknowledged: number[] = [];
    cluster.listen({
      onAcknowledged: ({ sid }, zxid) => void (sid === 1 && acknowledged.push(zxid)),
    });

    // when: its snapshot does not become durable, while writes go on
    cluster.disk(1).hold('snapshot');
    cluster.start(1);
    await cluster.until(() => cluster.disk(1).waiting('snapshot') > 0, '1 keeps the snapshot');
    const later = numbered('later', 5);
    await client.createAll(later);
    await cluster.pass(1500);

    // then: it acknowledges nothing, and a power cut leaves nothing that has a gap
    expect(acknowledged).toEqual([]);
    cluster.cutPower(1);
    cluster.start(1);
    await cluster.serves(1);
    expect(absentOn(cluster, 1, [...missed, ...later])).toEqual([]);
    await cluster.ends();
  },
);
