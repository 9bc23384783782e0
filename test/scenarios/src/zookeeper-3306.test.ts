import { Acl, AuthPacket, ErrorCode, OpCode, Perms, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';
import { ascii, getData } from './harness/server-specs.ts';

/** Of super:test. */
const OWNER = [new Acl(Perms.ALL, 'digest', 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=')];

describe('ZOOKEEPER-3306: a snapshot has a node whose ACL came up behind its table of ACLs, and nobody can reach the node', () => {
  it('its owner can read it, and nobody else', async () => {
    // Given a snapshot whose table was written before the ACL was used for the first time
    const apache = new ApacheServer();
    const written = apache.snapshot({ '': () => apache.create('/a', 'secret', 0, {}, OWNER) });
    expect(written).toContain('/a');

    // When a server starts on it
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    const world = await (await apache.disk()).start();

    // Then its owner can read it, and nobody else
    const client = await world.client();
    expect((await world.run(client.request(OpCode.getData, getData('/a')))).err).toBe(ErrorCode.NOAUTH);
    await world.run(client.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('super:test')), Xid.auth));
    expect((await world.run(client.request(OpCode.getData, getData('/a')))).body.readBuffer()).toEqual(
      ascii('secret'),
    );
  });
});
