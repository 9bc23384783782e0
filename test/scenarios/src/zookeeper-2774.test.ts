import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

const HOUR_MS = 3_600_000;

scenario(
  'ZOOKEEPER-2774, 1366: somebody sets the clock of a server, and sessions expire that live, or never do',
  async (newCluster) => {
    // given: two clients with ephemeral nodes, of whom one is alive
    const cluster = newCluster({ sessionTimeoutMs: 4000 });
    await cluster.startAll();
    for (const jumpMs of [HOUR_MS, -HOUR_MS, -3 * HOUR_MS, 300 * 24 * HOUR_MS]) {
      const alive = await cluster.client(1);
      const dead = await cluster.client(2);
      await alive.createEphemeral('/alive');
      await dead.createEphemeral('/dead');

      // when: the wall clocks of all servers jump, one after the other, and one client dies
      for (const sid of [1, 2, 3]) {
        cluster.server(sid).machine.wallOffsetMs += jumpMs;
        await cluster.pass(200);
      }
      dead.die();
      await cluster.pass(2000);

      // then: nobody has lost a node too soon
      for (const sid of [1, 2, 3]) {
        expect(cluster.tree(sid).find('/alive')).not.toBe(0);
        expect(cluster.tree(sid).find('/dead')).not.toBe(0);
      }
      expect(await alive.exists('/alive')).toBe(true);

      // then: the one that is dead has lost it in time, and the other never
      await cluster.pass(5000);
      for (const sid of [1, 2, 3]) {
        expect(cluster.tree(sid).find('/alive')).not.toBe(0);
        expect(cluster.tree(sid).find('/dead')).toBe(0);
      }
      await alive.close();
    }
    await cluster.ends();
  },
);
