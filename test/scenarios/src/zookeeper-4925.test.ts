import { expect } from 'vitest';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4925: what a learner was synchronised with was missing from its memory of commits, and from what it sent as a leader',
  async (newCluster) => {
    // given: 1 has missed foo and bar, 4 has missed bar, and is synchronised with it by a DIFF
    const cluster = newCluster({ servers: 5 });
    expect(await cluster.startAll()).toBe(5);
    const client = await cluster.client(5);
    await client.create('/before');
    const [foo, bar] = [numbered('foo', 10), numbered('bar', 10)];
    await cluster.stop(1);
    await client.createAll(foo);
    await cluster.stop(4);
    await client.createAll(bar);
    cluster.start(4);
    await cluster.serves(4);
    expect(cluster.lines('s5 info DIFF to').length).toBeGreaterThan(0);

    // when: 4 leads, and synchronises 1
    await cluster.stop(5);
    expect(await cluster.leaderOf(2, 3, 4)).toBe(4);
    cluster.start(1);
    await cluster.serves(1);

    // then
    cluster.start(5);
    await cluster.serves(5);
    expect(absentAnywhere(cluster, [...foo, ...bar])).toEqual([]);
    await cluster.ends();
  },
);
