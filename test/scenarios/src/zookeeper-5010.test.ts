import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-5010 (open): the leader died over an ACK, and an ephemeral node was left on some followers', () => {
  for (const acks of [1, 2, 3, 4])
    scenario(`it dies at ACK ${acks} of the node`, async (newCluster) => {
      // given: five servers, and some writes
      const cluster = newCluster({ servers: 5 });
      expect(await cluster.startAll()).toBe(5);
      const client = await cluster.client(5);
      await client.create('/a');
      await client.setData('/a', 'changed');
      await client.create('/b');
      await client.delete('/b');

      // when: the leader loses its power as the ACK for an ephemeral node comes
      const zxid = cluster.committed.lastZxid + 1;
      let count = 0;
      cluster.listen({
        onAcknowledged(_member, acknowledged) {
          if (acknowledged === zxid && ++count === acks) cluster.cutPower(5);
        },
      });
      void client.send({ op: 'create', path: '/ephemeral', value: '', mode: 1 });
      await cluster.until(() => !cluster.server(5).isUp, 'the leader has died');
      client.die();
      await cluster.leaderOf(1, 2, 3, 4);
      cluster.start(5);
      await cluster.pass(4000); // one of them may not have heard at once that its leader is dead
      await cluster.leaderOf(...cluster.sids);
      await cluster.isLevel();

      // then: all have it or none, and it goes with its session
      const holders = (): number[] =>
        cluster.sids.filter((sid) => cluster.tree(sid).find('/ephemeral') !== 0);
      expect([0, 5]).toContain(holders().length);
      await cluster.until(() => holders().length === 0, 'it is gone with its session');
      await cluster.ends();
    });
});
