import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2684: a session moves while its writes are under way, and its old or new server ends over a commit that it does not expect',
  async (newCluster) => {
    // given: a session on 1 whose writes are under way, because the disk of the leader is slow
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(1);
    const other = await cluster.client(2);
    for (let round = 0; round < 6; round++) {
      cluster.disk(3).hold('log');
      const writes = client.sendAll(
        Array.from({ length: 20 }, (_, i) => ({
          op: 'create',
          path: `/${round}-${i}`,
          value: `${round}-${i}`,
          mode: 0,
        })),
      );
      await cluster.pass(50);

      // when: it moves to the other follower and back, and writes go on there, its own and another's
      client.moveTo(round % 2 === 0 ? 2 : 1);
      await cluster.pass(50);
      const there = client.send({ op: 'create', path: `/${round}-there`, value: `${round}-there`, mode: 0 });
      const others = other.send({ op: 'create', path: `/${round}-other`, value: `${round}-other`, mode: 0 });
      await cluster.pass(50);
      cluster.disk(3).release('log');
      await cluster.run(
        Promise.all([...writes, there, others]),
        'all are answered, or their connection ended',
      );

      // then: nobody has ended, and the session goes on
      expect([1, 2, 3].map((sid) => cluster.server(sid).isUp)).toEqual([true, true, true]);
      expect(cluster.leader).toBe(3);
      await client.create(`/${round}-after`);
    }
    expect(cluster.lines('cannot go on')).toEqual([]);
    await cluster.ends();
  },
);
