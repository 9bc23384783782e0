import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

const LIMIT = 4000;
const NAME = 'x'.repeat(200);

scenario(
  'ZOOKEEPER-4306 (open): a session has so many ephemeral nodes that the transaction of its end cannot be read back, and the ensemble is down for good',
  async (newCluster) => {
    // given: one session whose ephemeral nodes have longer names together than the longest transaction
    const config = { juteMaxBuffer: LIMIT, juteMaxBufferExtraSize: LIMIT };
    const cluster = newCluster({ config, sessionTimeoutMs: 2000 });
    await cluster.startAll();
    const client = await cluster.client(1);
    for (let i = 0; i < 60; i++) await client.createEphemeral(`/${NAME}${i}`);
    expect(60 * NAME.length).toBeGreaterThan(2 * LIMIT);

    // when: its client is gone, and its session expires
    client.die();
    await cluster.until(() => cluster.tree(3).sessions.size === 0, 'the session has expired');

    // then: the nodes are gone everywhere, everybody serves on, and starts again
    await cluster.pass(1000);
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).ephemeralCount).toBe(0);
    expect(cluster.leader).toBe(3);
    await (await cluster.client(2)).create('/after');
    await cluster.ends();
  },
);
