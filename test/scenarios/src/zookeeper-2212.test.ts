import { describe } from 'vitest';
import { electionTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-2212: a notification with a newer configuration was taken up by a server that had settled', () => {
  electionTranscript(
    'who looks hears of newer configurations, from members and strangers alike; who has settled does not',
    `
ensemble voters=1,2,3,4,5 version=0x100000000
look 1
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3 4 5 LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
say 2>1 LOOKING 2 round=1 config=0x100000005
    1         hears from 2 of configuration 0x100000005
say 3>1 LOOKING 2 round=1 config=0x100000005
    1 > 2 3 4 5 LOOKING 2 (epoch 0, zxid 0.0) round 1
say 7>1 LOOKING 7 round=1 config=0x100000006
    1         hears from 7 of configuration 0x100000006
say 4>1 LOOKING 2 round=1 config=0xffffffff
    1 > 4     LOOKING 2 (epoch 0, zxid 0.0) round 1
tick 200
    1         is FOLLOWING: 2 (epoch 0, zxid 0.0) round 1
say 2>1 LOOKING 2 round=2 config=0x100000007
    1 > 2     FOLLOWING 2 (epoch 0, zxid 0.0) round 1
`,
  );
});
