import { describe, expect } from 'vitest';
import { serverLine } from '@corral/testing';
import { scenario } from './harness/scenario.ts';
import { learnerTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-2172: a reconfiguration that was committed while a learner synchronised ended it, again and again', () => {
  learnerTranscript(
    'one is outstanding at NEWLEADER and committed before UPTODATE, another is part of the history',
    `
> follower accepted=1 current=1 logged=1:5 reconfig
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
> PROPOSAL 1:6 "config one"
  config "config one" seen
> COMMIT 1:6
  append 1:6 "config one"
  commit 1:6
> PROPOSAL 2:1 "config two"
  config "config two" seen
> NEWLEADER 2:0 "config two"
  config "config two" seen
  (wants no packets)
> durable 1:6
  storeEpoch current 2
> epochStored current 2
  send ACK 2:0
  append 2:1 "config two"
> COMMITANDACTIVATE 2:1 leader=3
  commit 2:1
  config "config two" active, leader 3
> UPTODATE
  config "config two" active
  send ACK 2:0
  serve
`,
  );

  scenario('an observer becomes a voter while a follower is brought up to date', async (newCluster) => {
    // given: 1 has missed something, and its log is slow
    const cluster = newCluster({ servers: 5, observers: 1, config: { reconfigEnabled: true } });
    await cluster.startAll();
    const admin = await cluster.client(5, { auth: ['digest', 'super:test'] });
    await admin.create('/before');
    cluster.crash(1);
    await admin.create('/missed');
    cluster.disk(1).hold('log');
    cluster.start(1);
    await cluster.until(() => cluster.disk(1).waiting('log') > 0, '1 logs what it was sent');

    // when: a reconfiguration, and its contrary
    await admin.do({ op: 'reconfig', joining: serverLine(6), leaving: '' });
    await admin.do({ op: 'reconfig', joining: serverLine(6, 'observer'), leaving: '' });
    await admin.do({ op: 'reconfig', joining: serverLine(6), leaving: '' });
    cluster.disk(1).release('log');

    // then: it serves at the first attempt, with the configuration of all
    await cluster.serves(1);
    expect(cluster.lines('s1 warn back to election')).toEqual([]);
    const text = await (await cluster.client(1)).getData('/zookeeper/config');
    expect(text).toContain(`${serverLine(6).split(';')[0]}`);
    await cluster.ends();
  });
});
