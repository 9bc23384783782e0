import {
  Acl,
  AuthPacket,
  ErrorCode,
  OpCode,
  Perms,
  SetACLRequest,
  WhoAmIResponse,
  Xid,
  GetACLRequest,
  readAcls,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { defaultServerConfig, type ServerConfig } from './config.ts';
import { create, exists, getData, setData } from '../test/requests.ts';
import { ascii, type Reply, type TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';

const auth = (scheme: string | null, token: Uint8Array | null): AuthPacket =>
  new AuthPacket(0, scheme, token);

function authenticate(
  world: World,
  client: TestClient,
  scheme: string | null,
  token: Uint8Array | null,
): Promise<Reply> {
  return world.run(client.request(OpCode.auth, auth(scheme, token), Xid.auth));
}

async function whoAmI(
  world: World,
  client: TestClient,
): Promise<(readonly [string | null, string | null])[]> {
  const { body } = await world.run(client.request(OpCode.whoAmI));
  return WhoAmIResponse.read(body).clientInfo!.map(({ authScheme, user }) => [authScheme, user] as const);
}

describe('digest', () => {
  it('makes the client known by name, and shows no digest', async () => {
    const world = await World.serving();
    const client = await world.client({ from: 'here' });

    const reply = await authenticate(world, client, 'digest', ascii('user:secret'));

    expect([reply.xid, reply.zxid, reply.err]).toEqual([Xid.auth, 0, 0]);
    expect(await whoAmI(world, client)).toContainEqual(['digest', 'user']);
  });

  it('is what Apache makes of it', async () => {
    const world = await World.serving();
    const client = await world.client();
    await authenticate(world, client, 'digest', ascii('super:test'));
    await world.run(client.request(OpCode.create, create('/a')));
    await world.run(
      client.request(OpCode.setACL, new SetACLRequest('/a', [new Acl(Perms.ALL, 'auth', '')], -1)),
    );

    const { body } = await world.run(client.request(OpCode.getACL, new GetACLRequest('/a')));

    // java DigestAuthenticationProvider super:test
    expect(readAcls(body)).toEqual([new Acl(Perms.ALL, 'digest', 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=')]);
  });

  it('gathers identities, each once', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (const token of ['a:1', 'b:2', 'a:1']) await authenticate(world, client, 'digest', ascii(token));

    expect((await whoAmI(world, client)).filter(([scheme]) => scheme === 'digest')).toHaveLength(2);
  });

  it.each([
    ['a token of more than 16 KiB', () => ['x'.repeat(16 * 1024 + 1)]],
    ['more than a hundred names', () => Array.from({ length: 100 }, (_, i) => `user-${i}:x`)],
  ])('does not take %s', async (_name, tokens) => {
    const world = await World.serving();
    const client = await world.client();
    const errors = [];

    for (const token of tokens())
      errors.push((await authenticate(world, client, 'digest', ascii(token))).err);

    expect(errors.at(-1)).toBe(ErrorCode.AUTHFAILED);
    expect(errors.slice(0, -1).every((err) => err === 0)).toBe(true);
    await world.run(client.closed());
  });

  it.each(['', ':', 'a'])('takes %j, as Apache does', async (token) => {
    const world = await World.serving();
    const client = await world.client();

    expect((await authenticate(world, client, 'digest', ascii(token))).err).toBe(0);
  });

  it('opens every node to the one who knows the super password', async () => {
    const superDigest = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
    const world = await World.serving({ digestAuth: { ...defaultServerConfig.digestAuth, superDigest } });
    const [owner, chief] = [await world.client(), await world.client()];
    await authenticate(world, owner, 'digest', ascii('user:secret'));
    await world.run(owner.request(OpCode.create, create('/mine', 'x')));
    await world.run(
      owner.request(OpCode.setACL, new SetACLRequest('/mine', [new Acl(Perms.ALL, 'auth', '')], -1)),
    );

    expect((await world.run(chief.request(OpCode.getData, getData('/mine')))).err).toBe(ErrorCode.NOAUTH);
    await authenticate(world, chief, 'digest', ascii('super:test'));

    expect((await world.run(chief.request(OpCode.getData, getData('/mine')))).err).toBe(0);
    expect((await world.run(chief.request(OpCode.setData, setData('/mine', 'y')))).err).toBe(0);
    expect(await whoAmI(world, chief)).toContainEqual(['super', '']);
  });
});

describe('ip', () => {
  it('is who every client is, and what it says of its address is not asked for', async () => {
    const world = await World.serving();
    const client = await world.client({ from: 'somewhere' });
    const before = await whoAmI(world, client);

    expect((await authenticate(world, client, 'ip', ascii('1.2.3.4'))).err).toBe(0);

    expect(before).toHaveLength(1);
    expect(before[0]![0]).toBe('ip');
    expect(await whoAmI(world, client)).toEqual(before);
  });
});

describe('an authentication that fails', () => {
  it.each([
    ['of an unknown scheme', 'nonsense', ascii('x')],
    ['of no scheme', null, null],
    ['of the scheme world', 'world', ascii('anyone')],
    ['of the scheme super', 'super', ascii('')],
    ['of the scheme auth', 'auth', ascii('')],
    ['of the scheme ensemble, where none is named', 'ensemble', ascii('x')],
    ['of digest without a token', 'digest', null],
    ['of __proto__', '__proto__', ascii('x')],
  ])('%s is answered with AUTHFAILED, and the connection closed', async (_name, scheme, token) => {
    const world = await World.serving();
    const client = await world.client();

    const reply = await authenticate(world, client, scheme, token);
    await world.run(client.closed());

    expect([reply.xid, reply.zxid, reply.err]).toEqual([Xid.auth, 0, ErrorCode.AUTHFAILED]);
    expect(world.lines('authentication failed')).toHaveLength(1);
  });

  it('that cannot be read closes the connection', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.send(OpCode.auth, new Uint8Array(2), Xid.auth);
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
  });

  it('of digest, where digest is switched off', async () => {
    const world = await World.serving({ digestAuth: { ...defaultServerConfig.digestAuth, enabled: false } });
    const client = await world.client();

    expect((await authenticate(world, client, 'digest', ascii('a:b'))).err).toBe(ErrorCode.AUTHFAILED);
  });
});

describe('ensemble', () => {
  const config: Partial<ServerConfig> = { ensembleAuthName: 'blue, green' };

  it.each(['blue', 'green', ''])('lets pass who looks for %j', async (name) => {
    const world = await World.serving(config);
    const client = await world.client();

    expect((await authenticate(world, client, 'ensemble', ascii(name))).err).toBe(0);
    expect(await whoAmI(world, client)).toHaveLength(1);
  });

  it('closes the connection of who looks for another, without an answer that would end its session', async () => {
    const world = await World.serving(config);
    const client = await world.client();

    client.send(OpCode.auth, auth('ensemble', ascii('red')), Xid.auth);
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
  });
});

describe('authentication that is enforced', () => {
  const config: Partial<ServerConfig> = { enforceAuth: { enabled: true, schemes: ['digest'] } };

  it.each([
    ['a read', OpCode.exists],
    ['a ping', OpCode.ping],
    ['a write', OpCode.create],
    ['an unknown request', 99],
  ])('refuses %s before it, and closes the connection', async (_name, type) => {
    const world = await World.serving(config);
    const client = await world.client();

    client.send(type, exists('/'), 3);
    const reply = await world.run(client.reply());
    await world.run(client.closed());

    expect([reply.xid, reply.zxid, reply.err]).toEqual([3, 0, ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH]);
  });

  it('lets everything pass behind it', async () => {
    const world = await World.serving(config);
    const client = await world.client();

    await authenticate(world, client, 'digest', ascii('a:b'));

    expect((await world.run(client.request(OpCode.exists, exists('/')))).err).toBe(0);
  });
});
