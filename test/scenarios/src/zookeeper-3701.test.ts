import { expect } from 'vitest';
import { absentAnywhere, numbered, presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3701: truncating failed on a full disk, and the server went on with what it should have forgotten',
  async (newCluster) => {
    // given: 3 has logged five alone, and the others are in a later epoch
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    const lost = numbered('lost', 5);
    void client.sendAll(lost.map((path) => ({ op: 'create', path, value: path, mode: 0 })));
    const { durable } = cluster.server(3);
    const own = durable.syncedZxid + 5;
    await cluster.until(() => durable.syncedZxid === own, 'five are durable on 3');
    await cluster.leaderOf(1, 2);
    await cluster.until(() => cluster.roleOf(3) === undefined, '3 notices that it has no quorum');

    // when: its TRUNC fails
    cluster.disk(3).fail('truncation');
    cluster.heal();

    // then: it stops, and does not serve; once its disk is well it forgets what it must
    await cluster.until(() => !cluster.server(3).isUp, '3 ends by itself');
    expect(durable.lastZxid).toBe(own);
    cluster.start(3);
    await cluster.serves(3);
    expect(cluster.lines('s3 info TRUNC').length).toBe(2);
    await (await cluster.client(1)).create('/kept');
    await cluster.isLevel();
    expect(presentAnywhere(cluster, lost)).toEqual([]);
    expect(absentAnywhere(cluster, ['/before', '/kept'])).toEqual([]);
    await cluster.ends();
  },
);
