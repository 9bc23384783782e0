import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

const TITLE =
  'ZOOKEEPER-1496: an ephemeral node that was forwarded is created while or after its session ends, and stays though the client is gone';

for (const isEnded of [false, true])
  scenario(`${TITLE} (${isEnded ? 'after' : 'while'})`, async (newCluster) => {
    // given: a client of 1 that has asked for an ephemeral node, which does not get through to the leader
    const cluster = newCluster({ ensemble: { syncLimit: 40 } });
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(1);
    const { session } = client;
    cluster.hold(1, 3);
    void client.send({ op: 'create', path: '/e', value: 'e', mode: 1 });
    await cluster.pass(100);

    // when: it goes to 2 with its session, and closes it there, which is done, or under way
    client.moveTo(2);
    await cluster.pass(500);
    if (!isEnded) for (const sid of [2, 3]) cluster.disk(sid).hold('log');
    const closed = client.send({ op: 'closeSession' });
    await cluster.pass(100);
    expect(cluster.tree(3).sessions.has(session)).toBe(!isEnded);

    // when: the leader hears of the node only then
    cluster.release(1, 3);
    await cluster.pass(100);
    for (const sid of [2, 3]) cluster.disk(sid).release('log');
    expect((await cluster.run(closed, 'the end of the session')).outcome).toBe('ok');
    client.die();
    await cluster.pass(1000);

    // then: nobody has it
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e')).toBe(0);
    await cluster.ends();
  });

scenario(
  'ZOOKEEPER-1496: a client dies whose server cannot reach its leader, and the node it asked for stays',
  async (newCluster) => {
    // given: the same, and the client is gone
    const cluster = newCluster({ sessionTimeoutMs: 1000 });
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(1);
    cluster.hold(1, 3);
    void client.send({ op: 'create', path: '/e', value: 'e', mode: 1 });
    await cluster.pass(100);
    client.die();

    // when: the leader gives up the server, and with it the session
    await cluster.until(() => !cluster.tree(3).sessions.has(client.session), 'the session has expired');
    cluster.release(1, 3);
    await cluster.pass(3000);

    // then: nobody has the node
    await cluster.leaderOf(1, 2, 3);
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e')).toBe(0);
    await cluster.ends();
  },
);
