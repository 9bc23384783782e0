import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-1675, 2136, 3600 (open): a leader that was replaced answers a sync, and the read behind it is old',
  async (newCluster) => {
    // given: 5 leads, and is cut off together with 1, and neither will notice for long
    const cluster = newCluster({ servers: 5, sessionTimeoutMs: 4000 });
    for (const sid of [1, 5]) cluster.configure(sid, { ensemble: { syncLimit: 60 } });
    expect(await cluster.startAll()).toBe(5);
    const client = await cluster.client(1);
    await client.create('/a', 'old');
    await cluster.until(() => [2, 3, 4].every((sid) => cluster.tree(sid).find('/a') !== 0), 'all have it');
    cluster.isolate(1, 5);

    // when: the others have a leader of their own, who takes a write
    await cluster.until(() => [2, 3, 4].some((sid) => cluster.roleOf(sid) === 'leader'), 'another leads');
    await cluster.serves(2, 3, 4);
    const writer = await cluster.client(2);
    await writer.setData('/a', 'new');
    expect(cluster.roleOf(1)).toBe('follower');

    // then: a sync at the old follower is not answered, and so no read behind it is old
    const [synced, read] = client.sendAll([
      { op: 'sync', path: '/' },
      { op: 'getData', path: '/a', watch: false },
    ]);
    const records = await cluster.run(Promise.all([synced!, read!]), 'answers, or the end of the connection');
    expect(records.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
    await cluster.ends();
  },
);
