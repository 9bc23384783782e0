import { describe } from 'vitest';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-3537: words of servers that look and of settled ones were counted together', () => {
  electionTranscript(
    'a leader and a follower of round 7, and votes for the same in round 1, are no quorum; a second follower makes one',
    `
ensemble voters=1,2,3,4,5
look 1
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3 4 5 LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
say 2>1 LOOKING 4 round=1
    1 > 2 3 4 5 LOOKING 4 (epoch 0, zxid 0.0) round 1
say 3>1 FOLLOWING 4 round=7
    (nothing)
say 4>1 LEADING 4 round=7
    (nothing)
tick 200
    1 > 2 3 4 5 LOOKING 4 (epoch 0, zxid 0.0) round 1
    1         waits 400 ms
say 5>1 FOLLOWING 4 round=7
    1         is FOLLOWING: 4 (epoch 0, zxid 0.0) round 7
`,
  );
});
