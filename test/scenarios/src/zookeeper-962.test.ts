import { CreateMode } from '@corral/protocol';
import { expect } from 'vitest';
import { absentAnywhere, numbered } from './harness/nodes.ts';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-962 (1367, 1551): what came between the synchronisation and UPTODATE was lost, sessions and observers above all',
  async (newCluster) => {
    // given: a follower and an observer have missed something; sessions with ephemeral nodes stand
    const cluster = newCluster({ observers: 1 });
    await cluster.startAll();
    const client = await cluster.client(3);
    const ends = await cluster.client(2);
    await ends.createEphemeral('/ends');
    cluster.crash(1, 4);
    await client.createAll(numbered('missed', 5));

    // when: they are synchronised, and meanwhile sessions begin and end, nodes come and go
    cluster.disk(1).hold('log');
    cluster.disk(4).hold('log');
    cluster.start(1, 4);
    await cluster.until(
      () => cluster.disk(1).waiting('log') > 0 && cluster.disk(4).waiting('log') > 0,
      'both have been sent what they missed',
    );
    await client.createAll(numbered('during', 10));
    const begins = await cluster.client(3);
    await begins.create('/begins', '', CreateMode.EPHEMERAL);
    await ends.close();
    const brief = await cluster.client(2);
    await brief.createEphemeral('/brief');
    await brief.close();
    expect(cluster.roleOf(1)).toBe(undefined);
    cluster.disk(1).release('log');
    cluster.disk(4).release('log');
    await cluster.serves(1, 4);

    // then: both have all of it, also after a restart
    for (let restart = 0; restart < 2; restart++) {
      for (const sid of [1, 4]) {
        const tree = cluster.tree(sid);
        expect(tree.ephemerals(begins.session)).toEqual(['/begins']);
        expect(['/ends', '/brief'].filter((path) => tree.find(path) !== 0)).toEqual([]);
        expect(new Set(tree.sessions.keys())).toEqual(new Set(cluster.tree(3).sessions.keys()));
      }
      expect(absentAnywhere(cluster, [...numbered('missed', 5), ...numbered('during', 10)])).toEqual([]);
      cluster.cutPower(1, 4);
      cluster.start(1, 4);
      await cluster.serves(1, 4);
      const last = cluster.committed.lastZxid;
      await cluster.until(
        () => [1, 4].every((sid) => cluster.tree(sid).lastProcessedZxid === last),
        'they have everything',
      );
    }
    await cluster.ends();
  },
);
