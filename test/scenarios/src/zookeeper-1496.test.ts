import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1496: an ephemeral node that was forwarded is created behind the end of its session, and stays though the client is gone',
  async (newCluster) => {
    // given: a client of 1, which cannot reach its leader, and has been asked for an ephemeral node
    const cluster = newCluster({ sessionTimeoutMs: 1000, ensemble: { syncLimit: 40 } });
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(1);
    cluster.hold(1, 3);
    void client.send({ op: 'create', path: '/e', value: 'e', mode: 1 });
    await cluster.pass(100);
    client.die();

    // when: the leader ends the session, of which it has heard nothing, and hears of the node only then
    await cluster.until(() => !cluster.tree(3).sessions.has(client.session), 'the session has expired');
    cluster.release(1, 3);
    await cluster.pass(2000);

    // then: nobody has it
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e')).toBe(0);
    await cluster.ends();
  },
);
