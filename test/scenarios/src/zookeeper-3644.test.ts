import { expect } from 'vitest';
import { loseSnapshots } from './harness/damage.ts';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3644: where logs without a snapshot were to be trusted, they were not read',
  async (newCluster) => {
    // given: all have lost their snapshots
    const cluster = newCluster({ config: { snapshotTrustEmpty: true } });
    await cluster.startAll();
    const client = await cluster.client(1);
    const paths = numbered('n', 10);
    await client.createAll(paths);
    await cluster.stop(...cluster.sids);
    for (const sid of cluster.sids) await loseSnapshots(cluster.disk(sid));

    // when
    await cluster.startAll();

    // then
    expect(absentAnywhere(cluster, paths)).toEqual([]);
    await cluster.ends();
  },
);
