import { expect } from 'vitest';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-261: a server whose disk was lost voted, and what it had acknowledged was lost',
  async (newCluster) => {
    // given: what was written is on 1 and 2 only, and 1 loses its disk
    const cluster = newCluster();
    cluster.start(1, 2);
    await cluster.leaderOf(1, 2);
    const client = await cluster.client(2);
    const paths = numbered('n', 5);
    await client.createAll(paths);
    cluster.cutPower(1, 2);
    client.die();
    cluster.wipe(1);
    // An operator who replaces a disk says that its server may not begin with nothing.
    cluster.configure(1, { ensemble: { dbAutocreate: false } });

    // when: 3, which never had anything, comes with it
    cluster.start(1, 3);
    await cluster.pass(20_000);

    // then: they are no quorum without 2
    expect(cluster.leader).toBe(undefined);
    cluster.start(2);
    await cluster.leaderOf(1, 2, 3);
    expect(absentAnywhere(cluster, paths)).toEqual([]);
    await cluster.ends();
  },
);
