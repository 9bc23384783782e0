import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-4537: the acknowledgement of the leader for its own log comes before the proposal is entered, and a single client waits for ever',
  async (newCluster) => {
    // given: one client, and nobody else who would bring anything about
    const cluster = newCluster();
    expect(await cluster.startAll()).toBe(3);

    for (const sid of [1, 3]) {
      const client = await cluster.client(sid);
      for (const slow of [[], [3], [1, 2], [1, 2, 3]] as const) {
        // when: it sends one write and waits, whoever's disk is done first, or last
        for (const each of slow) cluster.disk(each).hold('log');
        const answer = client.send({
          op: 'create',
          path: `/${sid}-${slow.join('')}`,
          value: `${sid}${slow.join()}`,
          mode: 0,
        });
        await cluster.pass(50);
        for (const each of slow) {
          cluster.disk(each).release('log');
          await cluster.pass(10);
        }

        // then: it is answered, though nothing else happens
        const begun = cluster.world.clock.monotonic();
        expect((await cluster.run(answer, 'the answer')).outcome).toBe('ok');
        expect(cluster.world.clock.monotonic() - begun).toBeLessThan(100);
      }
    }
    await cluster.ends();
  },
);
