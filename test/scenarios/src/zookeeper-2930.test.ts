import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2930 (3188): a peer that could not be reached delayed what was to be said to the others',
  async (newCluster) => {
    // given: nothing that is sent to 5 arrives, and nothing is refused
    const cluster = newCluster({ servers: 5 });
    cluster.isolate(5);

    // when
    cluster.start(1, 2, 3, 4, 5);

    // then: the others elect at once
    const begun = cluster.world.clock.monotonic();
    expect(await cluster.leaderOf(1, 2, 3, 4)).toBe(4);
    expect(cluster.world.clock.monotonic() - begun).toBeLessThan(1000);

    // when: their leader is cut off, too
    await (await cluster.client(1)).create('/before');
    cluster.isolate(4);
    const cut = cluster.world.clock.monotonic();

    // then: again, once they have noticed
    await cluster.until(() => cluster.lines('s1 warn back to election').length > 0, '1 notices');
    const noticed = cluster.world.clock.monotonic();
    expect(noticed - cut).toBeLessThan(4000);
    expect(await cluster.leaderOf(1, 2, 3)).toBe(3);
    expect(cluster.world.clock.monotonic() - noticed).toBeLessThan(2000);
    await cluster.ends();
  },
);
