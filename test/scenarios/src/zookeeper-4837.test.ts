import { expect } from 'vitest';
import { loseSnapshots } from './harness/damage.ts';
import { absentAnywhere, numbered, presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4837 (open): a server told to truncate loaded a snapshot of beyond that point',
  async (newCluster) => {
    // given: 3 has logged the end of a session and an ephemeral node alone, which nobody will ever commit
    const cluster = newCluster({ config: { snapshotTrustEmpty: true } });
    expect(await cluster.startAll()).toBe(3);
    const closing = await cluster.client(3);
    await closing.createEphemeral('/closing');
    const other = await cluster.client(3);
    await other.create('/before');
    cluster.isolate(3);
    const { durable } = cluster.server(3);
    const last = durable.syncedZxid + 2;
    void other.send({ op: 'create', path: '/ephemeral', value: '', mode: 1 });
    void closing.send({ op: 'closeSession' });
    await cluster.until(() => durable.syncedZxid === last, 'both are durable on 3');
    cluster.cutPower(3);
    closing.die();
    other.die();

    // given: as it starts again it takes a snapshot of all that its log has
    const bringBack = await loseSnapshots(cluster.disk(3));
    cluster.start(3);
    await cluster.until(() => durable.snapshotZxid === last, '3 has a snapshot of what nobody committed');
    cluster.cutPower(3);
    await bringBack();
    cluster.start(3);

    // when: the others are in a later epoch, and it is told to truncate
    await cluster.leaderOf(1, 2);
    cluster.heal();
    await cluster.serves(3);
    const client = await cluster.client(1);
    await client.createAll(numbered('kept', 3));
    expect(cluster.lines('s3 info TRUNC').length).toBe(1);

    // then: it has what the others have, also after a restart
    const isGone = (): boolean => cluster.tree(3).find('/closing') === 0;
    expect(isGone()).toBe(false);
    cluster.cutPower(3);
    cluster.start(3);
    await cluster.serves(3);
    await cluster.until(isGone, 'the session expires');
    expect(presentAnywhere(cluster, ['/closing', '/ephemeral'])).toEqual([]);
    expect(absentAnywhere(cluster, ['/before', ...numbered('kept', 3)])).toEqual([]);
    await cluster.ends();
  },
);
