import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1496: an ephemeral node that was forwarded is created while or after its session is closed, and stays though the client is gone',
  async (newCluster) => {
    for (const isClosed of [false, true]) {
      // given: a client of 1, which cannot reach its leader, and has been asked for an ephemeral node
      const cluster = newCluster({ sessionTimeoutMs: 1000, ensemble: { syncLimit: 40 } });
      expect(await cluster.startAll()).toBe(3);
      const client = await cluster.client(1);
      cluster.hold(1, 3);
      void client.send({ op: 'create', path: '/e', value: 'e', mode: 1 });
      await cluster.pass(100);
      client.die();

      // when: the leader, who has heard nothing of the session, proposes its end, or has it ended
      for (const sid of [2, 3]) cluster.disk(sid).hold('log');
      await cluster.until(() => cluster.disk(3).waiting('log') > 0, 'the end of the session is proposed');
      if (isClosed) {
        for (const sid of [2, 3]) cluster.disk(sid).release('log');
        await cluster.until(() => !cluster.tree(3).sessions.has(client.session), 'the session has expired');
      }
      expect(cluster.tree(3).sessions.has(client.session)).toBe(!isClosed);

      // when: it hears of the node only then
      cluster.release(1, 3);
      await cluster.pass(200);
      for (const sid of [2, 3]) cluster.disk(sid).release('log');
      await cluster.pass(2000);

      // then: nobody has it
      for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e')).toBe(0);
      await cluster.ends();
    }
  },
);
