import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-582: a snapshot of a later epoch stands beside older logs, and the server goes back to what is old',
  async (newCluster) => {
    // given: 1 has a log of the first epoch, and misses what comes in the second
    const cluster = newCluster({ ensemble: { forceSnapshotSync: true } });
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(2);
    await client.createAll(['/old', '/changed']);
    await cluster.stop(1);
    cluster.crash(3);
    await cluster.isHeadless();
    cluster.start(3);
    await cluster.leaderOf(2, 3);
    await client.setData('/changed', 'later');
    await client.create('/later');

    // when: it gets a snapshot, which now stands beside its log, and its machine loses its power at once
    const before = cluster.world.coverage.get('synchronised by SNAP');
    cluster.start(1);
    await cluster.serves(1);
    expect(cluster.world.coverage.get('synchronised by SNAP')).toBe(before + 1);
    const { lastZxid } = cluster.committed;
    cluster.cutPower(1, 2, 3);

    // then: what it stands for in the next election is the snapshot's
    const votes: (number | undefined)[] = [];
    cluster.listen({
      onLooking: ({ sid }, tree, zxid) => {
        if (sid === 1) votes.push(zxid, tree.find('/later') === 0 ? 0 : 1);
      },
    });
    cluster.start(1, 2);
    await cluster.leaderOf(1, 2);
    expect(votes.slice(0, 2)).toEqual([lastZxid, 1]);
    const reader = await cluster.client(1);
    expect(await reader.getData('/changed')).toBe('later');
    await cluster.ends();
  },
);
