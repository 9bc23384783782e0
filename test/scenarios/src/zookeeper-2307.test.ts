import { Cluster } from '@corral/testing';
import { describe, expect, it } from 'vitest';
import { onFiles, scenario } from './harness/scenario.ts';

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

  scenario(
    'a SNAP below the only snapshot of a learner, and a power cut before it is durable',
    async (newCluster) => {
      // given: 1 came late to epoch 2, and has a snapshot of its beginning and nothing else
      const cluster = newCluster({ ensemble: { forceSnapshotSync: true } });
      await cluster.startAll();
      await (await cluster.client(3)).create('/before');
      cluster.crash(1, 2, 3);
      cluster.start(2, 3);
      expect(await cluster.leaderOf(2, 3)).toBe(3);
      cluster.start(1);
      await cluster.serves(1);
      const { durable } = cluster.server(1);
      expect(durable.snapshotZxid).toBe(2 * 2 ** 32);
      cluster.crash(1, 2, 3);

      // when: a leader whose epoch has not begun yet sends it the tree of epoch 1
      cluster.disk(2).hold('snapshot');
      cluster.start(2, 3);
      await cluster.until(() => cluster.disk(2).waiting('snapshot') > 0, '2 keeps the snapshot');
      cluster.disk(1).hold('snapshot');
      cluster.start(1);
      await cluster.until(() => cluster.disk(1).waiting('snapshot') > 0, '1 keeps the snapshot');
      cluster.cutPower(1);

      // then: it comes back with what it had
      cluster.disk(2).release('snapshot');
      cluster.start(1);
      await cluster.until(
        () => cluster.lines('s1 info looking for a leader').length > 3,
        '1 looks for a leader',
      );
      expect(durable.snapshotZxid).toBe(2 * 2 ** 32);
      await cluster.leaderOf(1, 2, 3);
      await cluster.ends();
    },
  );
});
