import { describe, expect } from 'vitest';
import { absentAnywhere, numbered, presentAnywhere } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';
import { learnerTranscript } from './harness/transcript.ts';

describe('ZOOKEEPER-5094 (open): as 3642, behind a TRUNC: memory runs ahead of the disk, and the log gets a gap', () => {
  learnerTranscript(
    'what is committed behind a TRUNC is logged, so that a link may be lost at any time',
    `
> follower accepted=2 current=2 logged=2:9
> connected
  send FOLLOWERINFO 2:0 sid=1 config=0:0
> LEADERINFO 3:0
  storeEpoch accepted 3
  (wants no packets)
> epochStored accepted 3
  send ACKEPOCH 2:9 current=2
> TRUNC 2:7
  note: TRUNC from 0x200000009 to 0x200000007
  truncate 2:7
  (wants no packets)
> truncated
> PROPOSAL 2:8 "other"
> COMMIT 2:8
  append 2:8 "other"
  commit 2:8
> disconnected
  leave: the connection is over
`,
  );

  scenario('a former leader loses its link right behind its TRUNC', async (newCluster) => {
    // given: 3 has logged five alone, and 1 and 2 are in a later epoch
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);
    const client = await cluster.client(3);
    await client.create('/before');
    cluster.isolate(3);
    const lost = numbered('lost', 5);
    void client.sendAll(lost.map((path) => ({ op: 'create', path, value: path, mode: 0 })));
    const { durable } = cluster.server(3);
    const last = durable.syncedZxid + 5;
    await cluster.until(() => durable.syncedZxid === last, 'five are durable on 3');
    await cluster.leaderOf(1, 2);
    await cluster.until(() => cluster.roleOf(3) === undefined, '3 notices that it has no quorum');

    // when: it is told to truncate, loses its link before that is done, comes again, and writes follow
    cluster.disk(3).hold('truncation');
    cluster.heal();
    await cluster.until(() => cluster.disk(3).waiting('truncation') > 0, '3 truncates');
    cluster.world.network.reset('s2', 's3');
    await cluster.pass(300);
    cluster.disk(3).release('truncation');
    await cluster.serves(3);
    expect(cluster.lines('s3 info TRUNC').length).toBe(1);
    const other = await cluster.client(2);
    const kept = numbered('kept', 5);
    await other.createAll(kept);
    cluster.cutPower(3);
    cluster.start(3);
    await cluster.serves(3);

    // then
    expect(absentAnywhere(cluster, ['/before', ...kept])).toEqual([]);
    expect(presentAnywhere(cluster, lost)).toEqual([]);
    await cluster.ends();
  });
});
