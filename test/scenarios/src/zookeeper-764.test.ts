import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-764: an observer was elected', () => {
  electionTranscript(
    'an observer is never elected, whatever is said, and its own words do not count',
    `
ensemble voters=1,2,3 observers=9
look 1
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3   LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
say 2>1 LOOKING 9 zxid=9.9 epoch=9 round=1
    1         notes: 2 votes for 9, which has no vote itself
say 9>1 LOOKING 9 zxid=9.9 epoch=9 round=50
    1 > 9     LOOKING 1 (epoch 0, zxid 0.0) round 1
say 9>1 LEADING 9 zxid=9.9 epoch=9 round=50
    (nothing)
`,
  );

  scenario('observers with the highest ids never lead, also where they come first', async (newCluster) => {
    // given
    const cluster = newCluster({ observers: 2 });
    cluster.start(4, 5);
    await cluster.pass(2000);
    expect(cluster.leader).toBe(undefined);

    // when
    await cluster.startAll();

    // then: also where the voters change
    for (const sid of [3, 2]) {
      expect(cluster.leader).toBe(sid);
      expect([4, 5].map((observer) => cluster.roleOf(observer))).toEqual(['observer', 'observer']);
      await cluster.stop(sid);
      if (sid === 3) await cluster.leaderOf(1, 2, 4, 5);
    }
    await cluster.pass(3000);
    expect(cluster.leader).toBe(undefined);
    await cluster.ends();
  });
});
