import { expect } from 'vitest';
import { absentOn } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1489: behind a TRUNC a server wrote on at the old end of its log file',
  async (newCluster) => {
    // given: 3 has logged ten alone
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    void client.sendAll(
      Array.from({ length: 10 }, (_, i) => ({ op: 'create', path: `/lost${i}`, value: '', mode: 0 })),
    );
    const { durable } = cluster.server(3);
    const own = durable.syncedZxid + 10;
    await cluster.until(() => durable.syncedZxid === own, 'ten are durable on 3');
    await cluster.leaderOf(1, 2);
    await cluster.until(() => cluster.roleOf(3) === undefined, '3 notices that it has no quorum');

    // when: it is truncated, three more are written, and it loses its power
    cluster.heal();
    await cluster.serves(3);
    expect(cluster.lines('s3 info TRUNC').length).toBe(1);
    const after = ['/one', '/two', '/three'];
    const writer = await cluster.client(2);
    await writer.createAll(after);
    const last = cluster.committed.lastZxid;
    await cluster.until(() => durable.syncedZxid === last, 'they are durable on 3');
    cluster.cutPower(3);

    // then: it finds the three when it starts, before anybody has told it of them
    let found = -1;
    cluster.listen({ onLooking: ({ sid }, _tree, zxid) => void (sid === 3 && (found = zxid ?? -1)) });
    cluster.start(3);
    await cluster.serves(3);
    expect(found).toBe(last);
    expect(absentOn(cluster, 3, ['/before', ...after])).toEqual([]);
    await cluster.ends();
  },
);
