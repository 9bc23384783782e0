import { Acl, AuthPacket, CreateRequest, ErrorCode, OpCode, SetACLRequest, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble-world.ts';
import { create, remove, setData } from '../test/requests.ts';
import { ascii, type TestClient } from '../test/test-client.ts';

/** A node of bob's, and a stranger at each member. */
async function guarded(enableEagerAclCheck: boolean): Promise<{ world: EnsembleWorld; bob: TestClient }> {
  const world = await EnsembleWorld.led(3, { size: 3, observers: [2], config: { enableEagerAclCheck } });
  const bob = await world.client(1);
  await world.run(bob.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('bob:secret')), Xid.auth));
  const his = [new Acl(31, 'auth', '')];
  await world.run(bob.request(OpCode.create, new CreateRequest('/his', null, his, 0)));
  await world.run(bob.request(OpCode.create, new CreateRequest('/his/own', null, his, 0)));
  await world.pass(500);
  return { world, bob };
}

const forbidden = [
  [OpCode.create, create('/his/x')],
  [OpCode.create2, create('/his/x')],
  [OpCode.delete, remove('/his/own')],
  [OpCode.setData, setData('/his', 'x')],
  [OpCode.setACL, new SetACLRequest('/his', [new Acl(31, 'world', 'anyone')], -1)],
] as const;

describe.each([1, 2, 3])('with enableEagerACLCheck, member %i', (sid) => {
  it('refuses what nobody may do without a transaction, in its turn', async () => {
    const { world } = await guarded(true);
    const stranger = await world.client(sid);
    const before = (await world.run(stranger.request(OpCode.create, create('/free')))).zxid;
    for (const [type, body] of forbidden)
      expect((await world.run(stranger.request(type, body))).err).toBe(ErrorCode.NOAUTH);
    const nonsense = new CreateRequest('/x', null, [new Acl(31, 'nobody', 'knows')], 0);
    expect((await world.run(stranger.request(OpCode.create, nonsense))).err).toBe(ErrorCode.INVALIDACL);
    stranger.send(OpCode.create, create('/last'));
    stranger.send(...forbidden[0]);

    const [last, refused] = [await world.run(stranger.reply()), await world.run(stranger.reply())];
    expect([last.err, last.zxid]).toEqual([0, before + 1]);
    expect(refused.err).toBe(ErrorCode.NOAUTH);
  });

  it('lets through what is allowed, and what it cannot judge', async () => {
    const { world, bob } = await guarded(true);
    expect((await world.run(bob.request(OpCode.setData, setData('/his', 'x')))).err).toBe(0);
    const stranger = await world.client(sid);
    expect((await world.run(stranger.request(OpCode.setData, setData('/none', 'x')))).err).toBe(
      ErrorCode.NONODE,
    );
    expect((await world.run(stranger.request(OpCode.delete, remove('nonsense')))).err).toBe(
      ErrorCode.BADARGUMENTS,
    );
    expect((await world.run(stranger.request(OpCode.create, Uint8Array.of(0, 0)))).err).toBe(
      ErrorCode.MARSHALLINGERROR,
    );
  });
});

describe('without enableEagerACLCheck', () => {
  it('the leader refuses, by a transaction', async () => {
    const { world } = await guarded(false);
    const stranger = await world.client(1);
    const before = (await world.run(stranger.request(OpCode.create, create('/free')))).zxid;
    await world.run(stranger.request(...forbidden[0]));
    expect((await world.run(stranger.request(OpCode.create, create('/last')))).zxid).toBe(before + 2);
  });
});
