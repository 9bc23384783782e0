import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-1818: votes of settled servers differed in zxid and round, and a newcomer never found a majority', () => {
  electionTranscript(
    'a newcomer compares the leader and its epoch only',
    `
ensemble voters=1,2,3,4,5
look 5
    5         notes: new election: round 1, zxid 0x0, epoch 0
    5 > 1 2 3 4 LOOKING 5 (epoch 0, zxid 0.0) round 1
    5         waits 200 ms
say 1>5 FOLLOWING 3 zxid=1.5 epoch=2 round=4
    (nothing)
say 2>5 FOLLOWING 3 zxid=1.7 epoch=2 round=2
    (nothing)
say 3>5 LEADING 3 zxid=1.9 epoch=2 round=9
    5         is FOLLOWING: 3 (epoch 2, zxid 1.9) round 9
`,
  );

  scenario('one after another joins a settled ensemble, each at another time', async (newCluster) => {
    // given: 1, 2 and 3 have settled, and have gone on since
    const cluster = newCluster({ servers: 5 });
    cluster.start(1, 2, 3);
    expect(await cluster.leaderOf(1, 2, 3)).toBe(3);
    const client = await cluster.client(3);
    await client.create('/one');
    cluster.crash(2);
    cluster.start(4);
    await cluster.serves(4);
    await client.create('/two');
    cluster.start(2);
    await cluster.serves(2);
    await client.create('/three');

    // when
    cluster.start(5);

    // then
    await cluster.serves(5);
    expect(cluster.leader).toBe(3);
    await cluster.ends();
  });
});
