import { CreateMode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';

describe('ZOOKEEPER-3249: replay over a snapshot that has a later parent takes its cversion and pzxid back', () => {
  it('cversion and pzxid of the parent never go back', async () => {
    // Given a snapshot that has passed the children of /parent when they change, and has /parent as it is at the end
    const apache = new ApacheServer();
    apache.create('/parent');
    for (const name of ['a', 'b', 'c']) apache.create(`/parent/${name}`);
    apache.snapshot({
      '/parent': () => {
        for (const name of ['d', 'e']) apache.create(`/parent/${name}`);
        for (const name of ['d', 'a', 'b']) apache.delete(`/parent/${name}`);
      },
    });

    // When what the snapshot has already is replayed, and the power cut has left any part of that
    apache.omitTrailers();
    const { pzxid } = apache.tree.stat(apache.tree.find('/parent'));
    for (let entries = apache.log.length - 5; entries <= apache.log.length; entries++) {
      const tree = await apache.recovered(entries);
      const parent = tree.find('/parent');

      // Then /parent has never less than it had: no sequence number is given again, no watch misses a change
      expect([entries, tree.state.store.cversion(parent)]).toEqual([entries, 5]);
      expect([entries, tree.stat(parent).pzxid]).toEqual([entries, pzxid]);
    }
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
  });

  it('so that no sequential name is given twice', async () => {
    const apache = new ApacheServer();
    apache.create('/parent');
    apache.snapshot({
      '/parent': () => {
        apache.create('/parent/n-', '', CreateMode.PERSISTENT_SEQUENTIAL);
        apache.create('/parent/n-', '', CreateMode.PERSISTENT_SEQUENTIAL);
        apache.delete('/parent/n-0000000001');
      },
    });

    const tree = await apache.recovered();

    expect(describeTree(tree)).toEqual(describeTree(apache.tree));
  });
});
