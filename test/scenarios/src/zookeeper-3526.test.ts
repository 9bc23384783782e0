import { OpCode } from '@corral/protocol';
import { expect } from 'vitest';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { TestClient } from './harness/server-specs.ts';

scenario(
  'ZOOKEEPER-3526 (open): a session that ended in read-only mode was logged as transaction 1, and all were truncated to it',
  async (newCluster) => {
    // given: 1 is alone, and serves reads
    const cluster = newCluster({ ensemble: { readOnlyMode: true } });
    await cluster.startAll();
    const client = await cluster.client(3);
    const paths = numbered('n', 10);
    await client.createAll(paths);
    await cluster.pass(200);
    client.die();
    cluster.crash(2, 3);
    const { durable } = cluster.server(1);
    const before = durable.lastZxid;
    await cluster.until(() => cluster.lines('serving reads to clients').length > 0, '1 serves reads');

    // when: one who only reads comes and closes its session, another comes and falls silent
    const session = async (host: string): Promise<TestClient> => {
      const reader = await TestClient.dial(cluster.world.network.transport(host), 2181, { host: 's1' });
      await reader.handshake({ acceptsReadOnly: true, timeout: 1000 });
      return reader;
    };
    const [closes, silent] = await cluster.run(
      Promise.all([session('one'), session('other')]),
      'sessions to read',
    );
    expect((await cluster.run(closes.request(OpCode.closeSession), 'its end')).err).toBe(0);
    await cluster.until(() => silent.isClosed, 'the silent session expires');
    await cluster.pass(3000);

    // then: nothing was logged, and when there is a quorum again nobody loses anything
    expect(durable.lastZxid).toBe(before);
    cluster.start(2);
    await cluster.leaderOf(1, 2);
    cluster.start(3);
    await cluster.serves(3);
    expect(cluster.lines('TRUNC')).toEqual([]);
    expect(absentAnywhere(cluster, paths)).toEqual([]);
    await cluster.ends();
  },
);
