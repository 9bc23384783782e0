import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-1514: a leader took over an older round than its followers were in, and late comers never joined', () => {
  electionTranscript(
    'others that follow this server in another round do not make it lead; in its own round they do',
    `
ensemble voters=1,2,3
look 1
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3   LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
say 2>1 FOLLOWING 1 round=7
    (nothing)
say 3>1 FOLLOWING 1 round=7
    (nothing)
say 2>1 FOLLOWING 1 round=1
    1         is LEADING: 1 (epoch 0, zxid 0.0) round 1
`,
  );

  scenario(
    'a leader that restarts in round 1 while the others are in a late one: all meet',
    async (newCluster) => {
      // given: 1 and 2 have been through many rounds
      const cluster = newCluster();
      await cluster.startAll();
      for (let round = 0; round < 4; round++) {
        cluster.crash(3);
        await cluster.leaderOf(1, 2);
        cluster.start(3);
        await cluster.serves(3);
        cluster.isolate(2);
        await cluster.until(() => cluster.roleOf(2) === undefined, '2 has lost its quorum');
        cluster.heal();
        await cluster.leaderOf(1, 2, 3);
      }

      // when: the leader restarts, and a third comes when the two have settled
      const leader = await cluster.leaderOf(1, 2, 3);
      const [one, other] = cluster.sids.filter((sid) => sid !== leader);
      cluster.crash(leader, other!);
      cluster.start(leader);
      await cluster.leaderOf(leader, one!);
      cluster.start(other!);

      // then
      await cluster.serves(other!);
      expect(await cluster.leaderOf(1, 2, 3)).toBeGreaterThan(0);
      await cluster.ends();
    },
  );
});
