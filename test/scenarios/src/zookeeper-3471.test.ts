import { expect } from 'vitest';
import { LOCAL_SESSIONS } from './harness/local-sessions.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3471: a client closes its session while it becomes a global one, and leaves an ephemeral node behind',
  async (newCluster) => {
    // given: local sessions on each server
    const cluster = newCluster({ ...LOCAL_SESSIONS, observers: 1 });
    await cluster.startAll();
    for (const sid of cluster.sids) {
      const client = await cluster.client(sid);

      // when: a client asks for an ephemeral node, which makes its session global, and closes it at once
      const [created, closed] = client.sendAll([
        { op: 'create', path: `/e${sid}`, value: `e${sid}`, mode: 1 },
        { op: 'closeSession' },
      ]);
      await cluster.run(Promise.all([created, closed]), 'both are answered');
      client.die();
      await cluster.pass(500);

      // then: nobody has the node, or the session
      for (const each of cluster.sids) {
        expect(cluster.tree(each).find(`/e${sid}`)).toBe(0);
        expect(cluster.tree(each).sessions.size).toBe(0);
      }
    }
    await cluster.ends();
  },
);

scenario(
  'ZOOKEEPER-3471: a client dies while its session becomes a global one, and its ephemeral node goes with the session',
  async (newCluster) => {
    const cluster = newCluster({ ...LOCAL_SESSIONS, sessionTimeoutMs: 2000 });
    await cluster.startAll();
    const client = await cluster.client(1);

    // when: it dies once the leader has the session, and before it could hear of it
    void client.send({ op: 'create', path: '/e', value: 'e', mode: 1 });
    await cluster.until(() => cluster.tree(3).sessions.size > 0, 'the session is global');
    client.die();
    await cluster.pass(5000);

    // then: both go
    for (const sid of [1, 2, 3]) {
      expect(cluster.tree(sid).find('/e')).toBe(0);
      expect(cluster.tree(sid).sessions.size).toBe(0);
    }
    await cluster.ends();
  },
);
