import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-2959: observers were counted where a leader needs a quorum for its epoch', () => {
  scenario('one voter of three and two observers are no ensemble', async (newCluster) => {
    // given: all have been an ensemble before
    const cluster = newCluster({ observers: 2 });
    await cluster.startAll();
    await (await cluster.client(1)).create('/before');
    cluster.crash(...cluster.sids);

    // when
    cluster.start(3, 4, 5);
    await cluster.pass(20_000);

    // then
    expect(cluster.leader).toBe(undefined);
    expect([3, 4, 5].map((sid) => cluster.roleOf(sid))).toEqual([undefined, undefined, undefined]);
    expect(cluster.server(3).durable.currentEpoch).toBe(1);
    await cluster.ends();
  });

  scenario('two voters of which one dies: its observers do not keep the leader', async (newCluster) => {
    // given
    const cluster = newCluster({ observers: 2 });
    cluster.start(2, 3, 4, 5);
    expect(await cluster.leaderOf(2, 3, 4, 5)).toBe(3);

    // when
    cluster.crash(2);

    // then
    await cluster.isHeadless();
    await cluster.pass(10_000);
    expect(cluster.leader).toBe(undefined);
    await cluster.ends();
  });
});
