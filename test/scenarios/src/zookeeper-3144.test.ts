import { CreateMode, ErrorCode, OpCode } from '@corral/protocol';
import { apachePassword } from '@corral/session';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';
import { exists } from './harness/server-specs.ts';

const SESSION = 0x0100_0000_0000_0005n;

describe('ZOOKEEPER-3144: a snapshot is cut between a session and the zxid that opened it', () => {
  it('a session that was opened while the snapshot was begun lives on, and its nodes with it', async () => {
    // Given a snapshot whose table of sessions was written before a session was opened that made a node in it
    const apache = openingASession();

    // When a server starts on it
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    const world = await (await apache.disk()).start({ sessionPasswords: 'apache' });

    // Then the client can take its session up again, and the node stays while it does
    const client = await world.client({ sessionId: SESSION, password: apachePassword(SESSION) });
    expect(client.session!.sessionId).toBe(SESSION);
    expect((await world.run(client.request(OpCode.exists, exists('/e')))).err).toBe(0);
  });

  it('where the snapshot has taken its zxid without it, no node stays that nobody owns', async () => {
    // Given the snapshot as the bug left it: the zxid says that the session is inside, and it is not
    const apache = openingASession();
    apache.nameLate();

    // When a server starts on it
    const world = await (await apache.disk()).start();

    // Then the session is gone, and so is its node
    const client = await world.client();
    expect((await world.run(client.request(OpCode.exists, exists('/e')))).err).toBe(ErrorCode.NONODE);
    expect((await world.run(client.request(OpCode.exists, exists('/kept')))).err).toBe(0);
  });
});

function openingASession(): ApacheServer {
  const apache = new ApacheServer();
  apache.create('/kept');
  const written = apache.snapshot({
    '': () => {
      apache.openSession(SESSION, 10_000);
      apache.create('/e', '', CreateMode.EPHEMERAL, { sessionId: SESSION });
    },
  });
  expect(written).toContain('/e');
  return apache;
}
