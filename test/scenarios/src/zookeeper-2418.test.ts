import { describe, expect } from 'vitest';
import { absentAnywhere, numbered, outgrowMemory } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { leaderTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-2418: what lay between the end of the log on disk and the beginning of that in memory was left out of a DIFF', () => {
  leaderTranscript(
    'a leader whose disk ends before its memory begins sends its tree',
    `
> leading log=1:1..1:9 memory=1:7..1:9 followers=2
> 3 FOLLOWERINFO 1:0 sid=3
  send 3: LEADERINFO 2:0
> 3 ACKEPOCH 1:2 current=1
  locateLog 3: 1:2
> located 3 base=1:2 last=1:5
  note about 3: SNAP at 0x200000000, the learner is at 0x100000002
  sendSnapshot 3: 2:0
  send 3: NEWLEADER 2:0 "1,2,3 version=2:0"
`,
  );

  scenario('a learner far behind comes to a leader whose disk is stuck', async (newCluster) => {
    // given: the others commit faster than the disk of 5, which leads
    const cluster = newCluster({
      servers: 5,
      ensemble: { snapshotSizeFactor: 1000 },
    });
    expect(await cluster.startAll()).toBe(5);
    const client = await cluster.client(2);
    await client.create('/before');
    cluster.crash(1);
    const early = numbered('early', 10);
    await client.createAll(early);
    cluster.disk(5).hold('log');
    const late = numbered('late', 5);
    await client.createAll(late);
    await outgrowMemory(cluster, client);

    // when
    cluster.start(1);
    await cluster.pass(1000);
    cluster.disk(5).release('log');
    await cluster.serves(1);

    // then
    expect(absentAnywhere(cluster, [...early, ...late])).toEqual([]);
    await cluster.ends();
  });
});
