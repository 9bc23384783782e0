import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-3911: what a follower was synchronised with was logged only after UPTODATE',
  async (newCluster) => {
    // given: 3 has logged t alone, and has lost its quorum
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    void client.send({ op: 'create', path: '/t', value: 't', mode: 0 });
    const { durable } = cluster.server(3);
    const t = durable.syncedZxid + 1;
    await cluster.until(() => durable.syncedZxid === t, 't is durable on 3');
    cluster.cutPower(1, 2);
    cluster.heal();
    await cluster.isHeadless();

    // when: 3 serves with t in the next epoch, and the others lose their power the moment they are told UPTODATE
    const lost = new Set<number>();
    cluster.listen({
      onServing({ sid }, role) {
        if (role !== 'follower' || lost.has(sid) || lost.size === 2) return;
        lost.add(sid);
        cluster.cutPower(sid);
      },
    });
    cluster.start(1, 2);
    await cluster.until(() => lost.size === 2, 'both were told UPTODATE');
    cluster.cutPower(3);

    // then: whoever of them leads has t
    cluster.start(1, 2);
    await cluster.leaderOf(1, 2);
    expect(await (await cluster.client(1)).exists('/t')).toBe(true);
    await cluster.ends();
  },
);
