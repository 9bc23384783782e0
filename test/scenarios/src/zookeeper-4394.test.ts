import { describe, expect } from 'vitest';
import { absentOn, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { learnerTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-4394: a COMMIT between the ACK of NEWLEADER and UPTODATE ended the learner, again and again', () => {
  learnerTranscript(
    'DIFF, P1, C1, P2, NEWLEADER, C2, UPTODATE: the learner serves, with both',
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
> PROPOSAL 1:6 "p1"
> COMMIT 1:6
  append 1:6 "p1"
  commit 1:6
> PROPOSAL 2:1 "p2"
> NEWLEADER 2:0
  (wants no packets)
> durable 1:6
  storeEpoch current 2
> epochStored current 2
  send ACK 2:0
  append 2:1 "p2"
> COMMIT 2:1
  commit 2:1
> durable 2:1
> UPTODATE
  send ACK 2:0
  serve
  send ACK 2:1
`,
  );

  scenario('a learner that comes while writes are under way serves at once', async (newCluster) => {
    // given: 1 has missed something, and writes never stop
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.crash(1);
    await client.createAll(numbered('missed', 5));
    const during = numbered('during', 60);
    let isBusy = true;
    const writing = (async () => {
      for (const path of during) {
        if (!isBusy) return;
        await client.send({ op: 'create', path, value: path, mode: 0 });
      }
    })();

    // when
    cluster.start(1);
    await cluster.serves(1);
    isBusy = false;
    await cluster.run(writing, 'the writes are answered');

    // then
    expect(cluster.lines('s1 warn back to election')).toEqual([]);
    expect(absentOn(cluster, 3, numbered('missed', 5))).toEqual([]);
    await cluster.ends();
  });
});
