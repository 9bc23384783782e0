import { CreateMode } from '@corral/protocol';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1046: the new leader counts the children of a node otherwise, and gives a sequential name that was given before',
  async (newCluster) => {
    // given: sequential nodes come and go, in each term, also within multis and with their session
    const cluster = newCluster({ sessionTimeoutMs: 20_000 });
    await cluster.startAll();
    const client = await cluster.client(1);
    await client.create('/parent');
    const given: string[] = [];
    const next = async (mode: number = CreateMode.PERSISTENT_SEQUENTIAL): Promise<string> => {
      const value = `v${given.length}`;
      const { result } = await client.do({ op: 'create', path: '/parent/n-', value, mode });
      given.push(result!.path!);
      return given.at(-1)!;
    };

    for (let term = 0; term < 4; term++) {
      const first = await next();
      await next(CreateMode.EPHEMERAL_SEQUENTIAL);
      await client.delete(first);
      await client.delete(await next());

      // when: the leader dies, its successor comes, and the old one comes back
      const leader = cluster.leader!;
      cluster.crash(leader);
      await cluster.isHeadless();
      const others = cluster.sids.filter((sid) => sid !== leader);
      client.moveTo(await cluster.leaderOf(...others));
      cluster.start(leader);
      await cluster.leaderOf(1, 2, 3);
      await cluster.pass(500);
    }

    // then: no name was given twice, and each is the next
    expect(given.length).toBe(12);
    expect(new Set(given).size).toBe(given.length);
    expect(given).toEqual(given.toSorted());
    await cluster.ends();
  },
);
