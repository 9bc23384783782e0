import { CreateMode } from '@corral/protocol';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4541: an ephemeral node of a closed session was seen on one server of three',
  async (newCluster) => {
    const cluster = newCluster();
    await cluster.startAll();
    for (let round = 0; round < 9; round++) {
      // given: a client with thirty ephemeral nodes
      const restarted = 1 + (round % 3);
      const leader = await cluster.leaderOf(1, 2, 3);
      const client = await cluster.client(leader);
      const operations = Array.from({ length: 30 }, (_, i) => ({
        op: 'create' as const,
        path: `/${round}-${i}`,
        value: '',
        mode: CreateMode.EPHEMERAL,
      }));
      for (const created of client.sendAll(operations)) await cluster.run(created, 'a node');

      // when: it closes its session while a server restarts, a different one each time, and the leader among them
      const closing = client.send({ op: 'closeSession' });
      if (round % 2 === 0) cluster.crash(restarted);
      else await cluster.stop(restarted);
      cluster.start(restarted);
      await cluster.run(closing, 'the end of the session, or of the connection');
      client.die();
      await cluster.leaderOf(1, 2, 3);
      await cluster.pass(11_000);

      // then: nowhere is an ephemeral node whose session is over
      for (const sid of cluster.sids) {
        const tree = cluster.tree(sid);
        expect(tree.ephemeralOwners().filter((owner) => !tree.sessions.has(owner))).toEqual([]);
        expect(tree.find(`/${round}-0`)).toBe(0);
      }
    }
    await cluster.ends();
  },
);
