import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { leaderTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-2959: observers were counted where a leader needs a quorum for its epoch', () => {
  leaderTranscript(
    'observers raise the epoch, and are not counted; a voter is',
    `
> leader config=1,2,3+4,5 accepted=1
> 4 OBSERVERINFO 3:0 sid=4
> 5 OBSERVERINFO 1:0 sid=5
> 2 FOLLOWERINFO 1:0 sid=2
  storeEpoch accepted 4
> epochStored accepted 4
  send 4,5,2: LEADERINFO 4:0
> 4 ACKEPOCH 0:0 current=1
> 5 ACKEPOCH 0:0 current=1
> 2 ACKEPOCH 0:0 current=1
  storeEpoch current 4
  note about 4: DIFF to 0x0, the learner is at 0x0
  send 4: DIFF 0:0
  send 4: NEWLEADER 4:0 "1,2,3+4,5 version=4:0"
  note about 5: DIFF to 0x0, the learner is at 0x0
  send 5: DIFF 0:0
  send 5: NEWLEADER 4:0 "1,2,3+4,5 version=4:0"
  note about 2: DIFF to 0x0, the learner is at 0x0
  send 2: DIFF 0:0
  send 2: NEWLEADER 4:0 "1,2,3+4,5 version=4:0"
> epochStored current 4
> 4 ACK 4:0
> 5 ACK 4:0
> 2 ACK 4:0
  established 4:0 "1,2,3+4,5 version=0:0"
  send 4,5,2: UPTODATE
  synced 4: observer 4
  synced 5: observer 5
  synced 2: follower 2
`,
  );

  scenario('one voter of three and two observers are no ensemble', async (newCluster) => {
    // given: all have been an ensemble before
    const cluster = newCluster({ observers: 2 });
    await cluster.startAll();
    await (await cluster.client(1)).create('/before');
    cluster.crash(...cluster.sids);

    // when
    cluster.start(3, 4, 5);
    await cluster.pass(20_000);

    // then
    expect(cluster.leader).toBe(undefined);
    expect([3, 4, 5].map((sid) => cluster.roleOf(sid))).toEqual([undefined, undefined, undefined]);
    expect(cluster.server(3).durable.currentEpoch).toBe(1);
    await cluster.ends();
  });

  scenario('two voters of which one dies: its observers do not keep the leader', async (newCluster) => {
    // given
    const cluster = newCluster({ observers: 2 });
    cluster.start(2, 3, 4, 5);
    expect(await cluster.leaderOf(2, 3, 4, 5)).toBe(3);

    // when
    cluster.crash(2);

    // then
    await cluster.isHeadless();
    await cluster.pass(10_000);
    expect(cluster.leader).toBe(undefined);
    await cluster.ends();
  });
});
