import { describe, expect } from 'vitest';
import { absentOn, numbered, outgrowMemory } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { learnerTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-3642: a learner kept a tree of which nothing was on its disk, and was sent a DIFF on top of it', () => {
  learnerTranscript(
    'a link that is lost behind a SNAP leaves a tree that is not to be believed',
    `
> follower accepted=1 current=1 logged=1:5
> connected
  send FOLLOWERINFO 1:0 sid=1 config=0:0
> LEADERINFO 2:0
  storeEpoch accepted 2
  (wants no packets)
> epochStored accepted 2
  send ACKEPOCH 1:5 current=1
> SNAP 2:5
  note: SNAP at 0x200000005
  receiveSnapshot 2:5
  (wants no packets)
> snapshotReceived
> PROPOSAL 2:6 "c"
> COMMIT 2:6
  hold 2:6 "c"
  commit 2:6
> disconnected
  leave, torn tree: the connection is over
`,
  );

  scenario('a learner whose link is lost before its snapshot is kept', async (newCluster) => {
    // given: 1 has missed more than is kept in memory, and is sent a SNAP that it cannot keep yet
    const cluster = newCluster({ ensemble: { snapshotSizeFactor: -1 } });
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    const missed = numbered('missed', 5);
    await client.createAll(missed);
    await outgrowMemory(cluster, client);
    cluster.disk(1).hold('snapshot');
    cluster.start(1);
    await cluster.until(() => cluster.disk(1).waiting('snapshot') > 0, '1 keeps the snapshot');

    // when: the link is lost, then 1 is, and the leader changes
    cluster.world.network.reset('s1', 's3');
    await cluster.pass(500);
    cluster.crash(1);
    await cluster.stop(3);
    cluster.start(3);
    await cluster.leaderOf(2, 3);
    let voted = -1;
    cluster.listen({ onLooking: ({ sid }, _tree, zxid) => void (sid === 1 && (voted = zxid ?? -1)) });
    cluster.start(1);
    await cluster.serves(1);

    // then: it stands for what its disk has, and gets all the rest
    expect(voted).toBeLessThan(cluster.committed.lastZxid);
    cluster.cutPower(1);
    cluster.start(1);
    await cluster.serves(1);
    expect(absentOn(cluster, 1, missed)).toEqual([]);
    await cluster.ends();
  });

  scenario(
    'links that are lost at any moment around a SNAP: every vote is what the disk has',
    async (newCluster) => {
      // given: pieces of a stream arrive with long pauses between
      const cluster = newCluster({ ensemble: { forceSnapshotSync: true }, latency: { minMs: 0, maxMs: 40 } });
      await cluster.startAll();
      const leader = await cluster.leaderOf(1, 2, 3);
      const follower = leader === 1 ? 2 : 1;
      const client = await cluster.client(leader);
      const random = cluster.world.random();
      const snaps = (): number => cluster.lines(`s${follower} info SNAP at`).length;
      for (let i = 0; i < 25; i++) {
        await client.create(`/n${i}`);

        // when: it loses its link, and loses it again while it is sent the tree
        const before = snaps();
        cluster.world.network.reset(`s${leader}`, `s${follower}`);
        await cluster.until(() => snaps() > before, 'it is sent the tree');
        await cluster.pass(random.below(40));
        cluster.world.network.reset(`s${leader}`, `s${follower}`);
      }

      // then: `true-votes` had nothing to say
      await cluster.ends();
    },
  );
});
