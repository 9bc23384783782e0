import { expect } from 'vitest';
import { LOCAL_SESSIONS } from './harness/local-sessions.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2725: an ephemeral node in a multi does not make a local session global, and stays when the session ends',
  async (newCluster) => {
    // given: a local session
    const cluster = newCluster(LOCAL_SESSIONS);
    await cluster.startAll();
    const client = await cluster.client(1);
    expect(cluster.tree(3).sessions.size).toBe(0);

    // when: its client creates an ephemeral node in a multi
    const create = { op: 'create', value: 'x' } as const;
    await client.do({
      op: 'multi',
      operations: [
        { ...create, path: '/p', mode: 0 },
        { ...create, path: '/e', mode: 1, value: 'y' },
      ],
    });

    // then: everybody knows the session, and the node ends with it
    await cluster.pass(100);
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).sessions.has(client.session)).toBe(true);
    await client.close();
    await cluster.pass(100);
    for (const sid of [1, 2, 3]) {
      expect(cluster.tree(sid).find('/e')).toBe(0);
      expect(cluster.tree(sid).find('/p')).not.toBe(0);
    }
    await cluster.ends();
  },
);
