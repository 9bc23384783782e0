import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { leaderTranscript, learnerTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-4685: the ACK of a proposal overtook that of NEWLEADER, and the leader gave up', () => {
  learnerTranscript(
    'a learner with a fast log and a slow epoch acknowledges NEWLEADER first',
    `
> follower accepted=1 current=1 logged=1:5
> connected
  send FOLLOWERINFO 1:0 sid=1 config=0:0
> LEADERINFO 2:0
  storeEpoch accepted 2
  (wants no packets)
> epochStored accepted 2
  send ACKEPOCH 1:5 current=1
> DIFF 1:6
  note: DIFF from 0x100000005 to 0x100000006
  commit 1:5
> PROPOSAL 1:6 "p"
> COMMIT 1:6
  append 1:6 "p"
  commit 1:6
> NEWLEADER 2:0
  (wants no packets)
> durable 1:6
  storeEpoch current 2
> epochStored current 2
  send ACK 2:0
`,
  );

  leaderTranscript(
    'a leader takes the acknowledgements of an older learner in either order, and goes on leading',
    `
> leading log=1:1 followers=2
> propose "a"
  send 2: PROPOSAL 2:1 "a"
> 3 FOLLOWERINFO 2:0 sid=3
  send 3: LEADERINFO 2:0
> 3 ACKEPOCH 1:1 current=1
  note about 3: DIFF to 0x100000001, the learner is at 0x100000001
  send 3: DIFF 1:1
  send 3: PROPOSAL 2:1 "a"
  send 3: NEWLEADER 2:0 "1,2,3 version=2:0"
> durable 2:1
> 3 ACK 2:1
> 3 ACK 2:0
  send 3: UPTODATE
  synced 3: follower 3
  sendCommits 2,3: 2:1..2:1
  commit 2:1
`,
  );

  scenario('one fault, one election', async (newCluster) => {
    // given: 1 is one transaction behind
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    await client.create('/t');
    cluster.crash(2);
    await cluster.isHeadless();
    let terms = 0;
    cluster.listen({ onServing: (_member, role) => void (role === 'leader' && terms++) });

    // when: it comes back with a fast log and an epoch that takes its time, so that writes are under way before its ACK
    cluster.disk(1).hold('currentEpoch');
    cluster.start(1);
    await cluster.until(() => cluster.disk(1).waiting('currentEpoch') > 0, '1 has logged what it was sent');
    await cluster.pass(300);
    cluster.disk(1).release('currentEpoch');

    // then: 3 leads with it, at the first attempt
    expect(await cluster.leaderOf(1, 3)).toBe(3);
    await (await cluster.client(1)).create('/after');
    expect(terms).toBe(1);
    await cluster.ends();
  });
});
