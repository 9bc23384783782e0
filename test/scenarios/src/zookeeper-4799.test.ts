import {
  Acl,
  AddWatchMode,
  AuthPacket,
  CreateRequest,
  OpCode,
  Perms,
  SetDataRequest,
  Xid,
} from '@corral/protocol';
import { expect, it } from 'vitest';
import { addWatch, ascii, create, remove, World } from './harness/server-specs.ts';
import { eventsOf } from './harness/watching.ts';

/** Of super:test. */
const OWNER = [new Acl(Perms.ALL, 'digest', 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=')];

it('ZOOKEEPER-4799 (CVE-2024-23944): a persistent watch tells the paths of nodes that its client may not read', async () => {
  // given: two clients with a recursive watch on everything, of whom one may read what is secret
  const world = await World.serving();
  const [owner, stranger] = [await world.client(), await world.client()];
  await world.run(owner.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('super:test')), Xid.auth));
  for (const client of [owner, stranger])
    for (const mode of [AddWatchMode.PERSISTENT_RECURSIVE, AddWatchMode.PERSISTENT])
      await world.run(client.request(OpCode.addWatch, addWatch('/', mode)));

  // when: secret nodes are made, changed and deleted, below nodes that everybody may see and below others
  const writer = await world.client();
  await world.run(writer.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('super:test')), Xid.auth));
  await world.run(writer.request(OpCode.create, create('/open')));
  for (const path of ['/secret', '/secret/password-is-x', '/open/secret'])
    await world.run(writer.request(OpCode.create, new CreateRequest(path, ascii('x'), OWNER, 0)));
  await world.run(writer.request(OpCode.setData, new SetDataRequest('/secret', ascii('y'), -1)));
  for (const path of ['/open/secret', '/secret/password-is-x', '/secret'])
    await world.run(writer.request(OpCode.delete, remove(path)));

  // then: the stranger has heard of no secret node, and the owner of each
  const heard = eventsOf(stranger);
  expect(heard.filter((event) => event.includes('secret') || event.includes('password'))).toEqual([]);
  expect(heard).toContain('created /open');
  const known = eventsOf(owner);
  for (const event of ['created /secret/password-is-x', 'changed /secret', 'deleted /open/secret'])
    expect(known).toContain(event);
});
