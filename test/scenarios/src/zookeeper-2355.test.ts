import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2355: a follower fails while it reads the proposal that closes a session, and has its ephemeral node for ever',
  async (newCluster) => {
    // given: an ephemeral node on all three servers
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const owner = await cluster.client(2);
    await owner.createEphemeral('/e1');
    await cluster.until(() => cluster.tree(1).find('/e1') !== 0, '1 has it');

    // when: the link to 1 fails just when the end of the session is proposed, and 1 comes back
    cluster.hold(3, 1);
    await owner.close();
    expect(cluster.tree(1).find('/e1')).not.toBe(0);
    cluster.world.network.reset('s3', 's1');
    cluster.release(3, 1);
    await cluster.pass(100);
    await cluster.leaderOf(1, 2, 3);

    // then: nobody has it, also where it is made and closed again by another
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e1')).toBe(0);
    const another = await cluster.client(1);
    await another.createEphemeral('/e1');
    await another.close();
    await cluster.pass(100);
    for (const sid of [1, 2, 3]) expect(cluster.tree(sid).find('/e1')).toBe(0);
    await cluster.ends();
  },
);
