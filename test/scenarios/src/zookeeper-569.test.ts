import { describe, expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

describe('ZOOKEEPER-569 (975): all went on electing a server that had died, or a newcomer took over a live ensemble', () => {
  scenario('the elected leader dies before it opens its port', async (newCluster) => {
    // given
    const cluster = newCluster({ servers: 5 });
    cluster.start(1, 2, 3, 4, 5);

    // when
    await cluster.until(
      () => cluster.lines('s1 info a leader is found {"leader":5').length > 0,
      '5 is elected',
    );
    cluster.crash(5);

    // then: another leads soon, and again when that one dies the same way
    const begun = cluster.world.clock.monotonic();
    expect(await cluster.leaderOf(1, 2, 3, 4)).toBe(4);
    expect(cluster.world.clock.monotonic() - begun).toBeLessThan(7000);
    await (await cluster.client(1)).create('/written');
    await cluster.ends();
  });

  scenario('a newcomer with the highest id follows', async (newCluster) => {
    // given
    const cluster = newCluster();
    cluster.start(1, 2);
    expect(await cluster.leaderOf(1, 2)).toBe(2);
    await (await cluster.client(1)).create('/written');

    // when
    cluster.start(3);
    await cluster.serves(3);

    // then
    expect(cluster.leader).toBe(2);
    expect(cluster.lines('s2 warn back to election')).toEqual([]);
    await cluster.ends();
  });
});
