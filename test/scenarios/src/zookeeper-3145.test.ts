import { CreateMode, EventType, OpCode, SetWatches, toZxid, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';

const SESSION = 0x0100_0000_0000_0005n;

describe('ZOOKEEPER-3145: a session ends behind a snapshot that has the parents of its nodes as they were', () => {
  it('the parents have the pzxid of everybody else, and a child watch does not miss it', async () => {
    // Given a snapshot that has written /parent, and not yet its ephemeral child, when the session is closed
    const apache = new ApacheServer();
    apache.openSession(SESSION);
    apache.create('/parent');
    apache.create('/parent/child', '', CreateMode.EPHEMERAL, { sessionId: SESSION });
    const seen = apache.tree.lastProcessedZxid;
    const written = apache.snapshot({ '/parent/child': () => apache.closeSession(SESSION) });
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
