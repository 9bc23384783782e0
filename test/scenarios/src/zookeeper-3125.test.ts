import { EventType, OpCode, SetWatches, toZxid, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';

describe('ZOOKEEPER-3125: a child is deleted behind a snapshot that has its parent as it was, and replay leaves the parent so', () => {
  it('the parent has the pzxid and cversion of everybody else, and a child watch does not miss it', async () => {
    // Given a snapshot that has written /parent, and not yet its child, when the child is deleted
    const apache = new ApacheServer();
    apache.create('/parent');
    apache.create('/parent/child');
    const seen = apache.tree.lastProcessedZxid;
    const written = apache.snapshot({ '/parent/child': () => apache.delete('/parent/child') });
    expect(written).toContain('/parent');
    expect(written).not.toContain('/parent/child');

    // When a server starts on it
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    const world = await (await apache.disk()).start();

    // Then a client that has seen the child and was away meanwhile is told
    const client = await world.client();
    client.send(OpCode.setWatches, new SetWatches(toZxid(seen), [], [], ['/parent']), Xid.setWatches);
    expect(await world.run(client.event())).toMatchObject({
      type: EventType.NodeChildrenChanged,
      path: '/parent',
    });
  });
});
