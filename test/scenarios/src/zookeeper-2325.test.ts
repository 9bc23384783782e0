import { expect } from 'vitest';
import { loseSnapshots } from './harness/damage.ts';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2325: with its snapshots lost and its logs there, a server began with an empty tree',
  async (newCluster) => {
    // given: 3 has lost its snapshots; 2 has been down for a while
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(1);
    const early = numbered('early', 5);
    await client.createAll(early);
    await cluster.stop(2);
    const late = numbered('late', 5);
    await client.createAll(late);
    await cluster.stop(1, 3);
    await loseSnapshots(cluster.disk(3));

    // when
    cluster.start(1, 2, 3);

    // then: it refuses to start, and the others lose nothing
    expect((await cluster.refusal(3)).code).toBe('DAMAGED');
    expect(await cluster.leaderOf(1, 2)).toBe(1);

    // when: an operator gives it an empty disk
    cluster.wipe(3);
    cluster.start(3);
    await cluster.serves(3);

    // then
    expect(absentAnywhere(cluster, [...early, ...late])).toEqual([]);
    await cluster.ends();
  },
);
