import { Cluster } from '@corral/testing';
import { describe, expect, it } from 'vitest';
import { onFiles } from './harness/scenario.ts';

describe('ZOOKEEPER-2307 (4269; 2354 and 1653, open): a crash between snapshot, acceptedEpoch and currentEpoch, and the server refused to start', () => {
  it.each([
    ['a follower by DIFF', 1, false],
    ['a follower by SNAP', 1, true],
    ['the leader', 3, false],
  ] as const)(
    '%s loses its power before each effect on its disk from its start to its serving',
    async (_, sid, forceSnapshotSync) => {
      // given: an ensemble that has been through some epochs
      const cluster = new Cluster({ storage: onFiles, ensemble: { forceSnapshotSync } });
      await cluster.startAll();
      await (await cluster.client(3)).create('/before');
      const { weather, durable } = cluster.server(sid);
      weather.onCrash = () => cluster.cutPower(sid);
      let crashes = 0;

      for (let effect = 0; effect < 60; effect += 1 + (effect >> 4)) {
        // when: all begin anew in a later epoch, and it loses its power before that effect
        cluster.crash(...cluster.sids);
        const before = [durable.acceptedEpoch, durable.currentEpoch] as const;
        cluster.start(...cluster.sids);
        weather.effectsToCrash = effect;
        await cluster.until(
          () => !cluster.server(sid).isUp || cluster.server(sid).serving !== undefined,
          'it serves, or has lost its power',
        );
        if (!cluster.server(sid).isUp) crashes++;
        weather.effectsToCrash = -1;
        cluster.start(sid);
        await cluster.leaderOf(...cluster.sids);

        // then: it starts again, and no epoch ever goes back
        expect(durable.acceptedEpoch).toBeGreaterThanOrEqual(before[0]);
        expect(durable.currentEpoch).toBeGreaterThanOrEqual(before[1]);
      }
      expect(crashes).toBeGreaterThan(9);
      await cluster.ends();
    },
  );
});
