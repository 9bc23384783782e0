import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-3109: a voter changed its mind after the election, and the leader waited for it for long', () => {
  electionTranscript(
    'the leader hears that a voter looks again',
    `
ensemble voters=1,2,3
look 1 2
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3   LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
    2         notes: new election: round 1, zxid 0x0, epoch 0
    2 > 1 3   LOOKING 2 (epoch 0, zxid 0.0) round 1
    2         waits 200 ms
run 200
    2 > 1     LOOKING 2 (epoch 0, zxid 0.0) round 1
    1 > 2 3   LOOKING 2 (epoch 0, zxid 0.0) round 1
    1         is FOLLOWING: 2 (epoch 0, zxid 0.0) round 1
    2         is LEADING: 2 (epoch 0, zxid 0.0) round 1
look 1
    1         notes: new election: round 2, zxid 0x0, epoch 0
    1 > 2 3   LOOKING 1 (epoch 0, zxid 0.0) round 2
    1         waits 200 ms
deliver
    2         hears that voter 1 looks
    2 > 1     LEADING 2 (epoch 0, zxid 0.0) round 1
`,
  );

  for (const started of [
    [3, 4, 5],
    [1, 2, 3, 4, 5],
  ])
    scenario(`${started.length} of 5 are up, and one dies right after the election`, async (newCluster) => {
      // given
      const cluster = newCluster({ servers: 5, ensemble: { maxTimeToWaitForEpoch: 1000 } });
      cluster.start(...started);

      // when: a follower dies when the leader is found, and comes again
      await cluster.until(() => cluster.lines('"state":"leading"').length > 0, 'a leader is found');
      cluster.crash(3);
      await cluster.pass(200);
      cluster.start(3);

      // then: they serve within a few seconds
      const begun = cluster.world.clock.monotonic();
      await cluster.leaderOf(...started);
      expect(cluster.world.clock.monotonic() - begun).toBeLessThan(4000);
      await cluster.ends();
    });
});
