import { QuorumConfig } from '@corral/protocol';
import { serverLine } from '@corral/testing';
import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-3829 (3814, 3830, 3842): a rolling restart into a larger ensemble ended with a leader that commits nothing', () => {
  scenario('1, 2 and 3 restart one after the other with 4 in their files', async (newCluster) => {
    // given: an ensemble of three, and a fourth whose file says so
    const cluster = newCluster({ servers: 3, config: { reconfigEnabled: false } });
    const four = QuorumConfig.parse([1, 2, 3, 4].map((sid) => serverLine(sid)).join('\n'));
    cluster.addServer(4);
    cluster.configure(4, { ensemble: { quorum: four } });
    cluster.start(1, 2, 3);
    await cluster.leaderOf(1, 2, 3);
    await (await cluster.client(1)).create('/before');
    cluster.start(4);
    await cluster.pass(3000);

    // when
    for (const sid of [1, 2, 3]) {
      await cluster.stop(sid);
      cluster.configure(sid, { ensemble: { quorum: four } });
      cluster.start(sid);
      await cluster.leaderOf(1, 2, 3, 4);
      await (await cluster.client(sid)).create(`/after${sid}`);
    }

    // then: writes are taken, by four
    await cluster.leaderOf(1, 2, 3, 4);
    const client = await cluster.client(4);
    await client.create('/end');
    expect(await client.exists('/after3')).toBe(true);
    await cluster.ends();
  });
});
