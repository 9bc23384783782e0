import { checkHistory, type Operation } from '@corral/testing';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1863: replies come in another order than the requests of their session',
  async (newCluster) => {
    // given: clients of every server
    const cluster = newCluster();
    await cluster.startAll();
    const clients = [
      await cluster.client(1),
      await cluster.client(1),
      await cluster.client(2),
      await cluster.client(3),
    ];
    for (const [i] of clients.entries()) await clients[0]!.create(`/${i}`);

    // when: each pipelines writes and reads of what it and others write, while the leader's disk is slow
    cluster.disk(3).hold('log');
    const answers = clients.flatMap((client, c) =>
      client.sendAll(
        Array.from({ length: 60 }, (_, i): Operation => {
          const path = `/${(c + i) % clients.length}`;
          if (i % 3 === 1) return { op: 'setData', path: `/${c}`, value: `${c}:${i}`, version: -1 };
          if (i % 7 === 2) return { op: 'sync', path };
          return i % 2 === 0 ? { op: 'getData', path, watch: false } : { op: 'exists', path, watch: false };
        }),
      ),
    );
    await cluster.pass(100);
    cluster.disk(3).release('log');
    const records = await cluster.run(Promise.all(answers), 'all answers');

    // then: everything is answered, in the order it was sent, and each client reads what it has written before
    expect(records.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(checkHistory(cluster.history, { sync: 'quorum', expirySlackMs: 1000 })).toEqual([]);
    for (const [c] of clients.entries()) {
      const own = records.slice(c * 60, c * 60 + 60).map(({ arrival }) => arrival);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    await cluster.ends();
  },
);
