import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4872: taking a snapshot under load replays the log into the live tree, and changes it',
  async (newCluster) => {
    // given: three servers under load that take snapshots all the time, each of which takes its while
    const cluster = newCluster({ config: { snapCount: 4 } });
    await cluster.startAll();
    const clients = [await cluster.client(1), await cluster.client(2), await cluster.client(3)];
    await clients[0]!.create('/counter', '0');

    // when: what is not idempotent is done while they are written: versions are counted, sequence numbers given
    const answers: Promise<unknown>[] = [];
    for (let i = 0; i < 12; i++) {
      for (const sid of [1, 2, 3]) cluster.disk(sid).hold('snapshot');
      for (const client of clients)
        answers.push(
          ...client.sendAll([
            { op: 'setData', path: '/counter', value: `${client.session}-${i}`, version: -1 },
            { op: 'create', path: '/seq-', value: `${client.session}+${i}`, mode: 2 },
          ]),
        );
      await cluster.pass(20);
      for (const sid of [1, 2, 3]) cluster.disk(sid).release('snapshot');
      await cluster.pass(20);
    }
    await cluster.run(Promise.all(answers), 'all answers');

    // then: each was counted once, and the digests of all trees are those of their logs
    expect(cluster.lines('snapshot taken').length).toBeGreaterThan(12);
    const { tree } = cluster.committed;
    expect(tree.stat(tree.find('/counter')).version).toBe(36);
    for (const sid of [1, 2, 3]) {
      expect(cluster.tree(sid).digests.mismatchCount).toBe(0);
      expect(cluster.tree(sid).digest).toBe(tree.digest);
    }
    await cluster.ends();
  },
);
