import { QuorumConfig } from '@corral/protocol';
import { serverLine } from '@corral/testing';
import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { electionTranscript } from './harness/transcript.ts';

describe("ZOOKEEPER-1783: a joiner's partial first configuration took the place of the established one", () => {
  electionTranscript(
    'version 0 overrides nobody; an established configuration overrides it',
    `
ensemble voters=1,2,3 version=0x100000000
server 4 participant
config 4 voters=3,4
look 4 1
    4         notes: new election: round 1, zxid 0x0, epoch 0
    4 > 3     LOOKING 4 (epoch 0, zxid 0.0) round 1
    4         waits 200 ms
    1         notes: new election: round 1, zxid 0x0, epoch 0
    1 > 2 3   LOOKING 1 (epoch 0, zxid 0.0) round 1
    1         waits 200 ms
deliver 4>3 1>2 1>3
    (nothing)
say 4>1 LOOKING 4 round=1 config=0
    1 > 4     LOOKING 1 (epoch 0, zxid 0.0) round 1
deliver 1>4
    4         hears from 1 of configuration 0x100000000
# It adopts what it heard of, and looks again.
config 4 voters=1,2,3 version=0x100000000
look 4
    4         notes: new election: round 2, zxid 0x0, epoch 0
    4 > 1 2 3 LOOKING none (epoch 0, zxid 0.0) round 2
`,
  );

  scenario('4 comes with a file that names 3 and itself only', async (newCluster) => {
    // given
    const cluster = newCluster({ config: { reconfigEnabled: true } });
    await cluster.startAll();
    const admin = await cluster.client(1, { auth: ['digest', 'super:test'] });
    await admin.create('/before');
    const established = await admin.getData('/zookeeper/config');

    // when
    cluster.addServer(4);
    cluster.configure(4, {
      initialQuorum: QuorumConfig.parse([3, 4].map((sid) => serverLine(sid)).join('\n')),
    });
    cluster.start(4);
    await cluster.pass(5000);
    for (const sid of [1, 2, 3]) {
      cluster.crash(sid);
      cluster.start(sid);
      await cluster.leaderOf(1, 2, 3);
    }

    // then: nobody else has heard of it; it is no member before a reconfiguration says so
    const client = await cluster.client(2);
    expect(await client.getData('/zookeeper/config')).toBe(established);
    const leader = await cluster.leaderOf(1, 2, 3);
    expect(leader).toBeLessThan(4);
    const again = await cluster.client(leader, { auth: ['digest', 'super:test'] });
    await again.do({ op: 'reconfig', joining: serverLine(4), leaving: '' });
    await cluster.serves(4);
    expect(cluster.committed.config.voters.has(4)).toBe(true);
    await cluster.ends();
  });
});
