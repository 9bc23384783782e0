import { describe, expect } from 'vitest';
import { QuorumConfig } from '@corral/protocol';
import { type Cluster, serverLine } from '@corral/testing';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { leaderTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-4352 (open): a leader without committed transactions in memory sent a DIFF where a SNAP was due', () => {
  leaderTranscript(
    'a learner that has nothing is sent the tree of a leader that came by a snapshot',
    `
> leader at=1:5 log=
> 2 FOLLOWERINFO 1:0 sid=2
  storeEpoch accepted 2
> epochStored accepted 2
  send 2: LEADERINFO 2:0
> 2 ACKEPOCH 1:5 current=1
  storeEpoch current 2
  note about 2: DIFF to 0x100000005, the learner is at 0x100000005
  send 2: DIFF 1:5
  send 2: NEWLEADER 2:0 "1,2,3 version=2:0"
> 5 FOLLOWERINFO 0:0 sid=5
  send 5: LEADERINFO 2:0
> 5 ACKEPOCH 0:0 current=0
  note about 5: SNAP at 0x100000005, the learner is at 0x0
  sendSnapshot 5: 1:5
  send 5: NEWLEADER 2:0 "1,2,3 version=2:0"
`,
  );

  scenario('from one server to three, with another leader in between', async (newCluster) => {
    // given: a server alone, with some history
    const cluster = newCluster({ servers: 1, config: { reconfigEnabled: true } });
    await cluster.startAll();
    const client = await cluster.client(1, { auth: ['digest', 'super:test'] });
    await client.createAll(numbered('alone', 5));

    // when: a second joins, and leads after a restart of the first; then a third joins
    await joins(cluster, 2, [1]);
    await client.do({ op: 'reconfig', joining: serverLine(2), leaving: '' });
    await client.createAll(numbered('two', 5));
    await cluster.stop(1);
    cluster.start(1);
    const leader = await cluster.leaderOf(1, 2);
    await joins(cluster, 3, [1, 2]);
    const admin = await cluster.client(leader, { auth: ['digest', 'super:test'] });
    await admin.do({ op: 'reconfig', joining: serverLine(3), leaving: '' });
    await admin.createAll(numbered('three', 5));
    await cluster.pass(500);

    // then
    const all = ['alone', 'two', 'three'].flatMap((name) => numbered(name, 5));
    expect(absentAnywhere(cluster, all)).toEqual([]);
    await cluster.ends();
  });
});

/** Its own file says that it is a member, which is nobody's opinion but its own. */
async function joins(cluster: Cluster, sid: number, others: readonly number[]): Promise<void> {
  cluster.addServer(sid);
  const lines = [sid, ...others].map((one) => serverLine(one));
  cluster.configure(sid, { initialQuorum: QuorumConfig.parse(lines.join('\n')) });
  cluster.start(sid);
  await cluster.serves(sid);
}
