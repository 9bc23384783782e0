import { JuteReader } from '@corral/jute';
import { ConnectResponse, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists } from '../test/requests.ts';
import { concat, connectFrame, frameOf, requestFrame } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('opening a session', () => {
  it('answers with an id, a password of 16 bytes and the timeout', async () => {
    const world = await World.serving();
    const client = await world.dial();

    const session = await world.run(client.handshake({ timeout: 10_000 }));

    expect(session.protocolVersion).toBe(0);
    expect(session.timeOut).toBe(10_000);
    expect(session.sessionId).not.toBe(0n);
    expect(BigInt.asUintN(64, session.sessionId) >> 56n).toBe(1n);
    expect(session.passwd).toHaveLength(16);
  });

  it.each([
    ['below the minimum', 1, 6000],
    ['zero', 0, 6000],
    ['negative', -5, 6000],
    ['above the maximum', 2 ** 31 - 1, 60_000],
    ['between', 12_345, 12_345],
  ])('draws a timeout %s into the limits of 2 and 20 ticks', async (_name, asked, given) => {
    const world = await World.serving({ tickTime: 3000 });
    const client = await world.dial();

    expect((await world.run(client.handshake({ timeout: asked }))).timeOut).toBe(given);
  });

  it('sends the read-only flag to clients that sent it, and to no others', async () => {
    const world = await World.serving();
    const [knows, knowsNot] = [await world.dial(), await world.dial()];

    knows.sendRaw(connectFrame({ readOnlyFlag: true }));
    knowsNot.sendRaw(connectFrame({ readOnlyFlag: false }));

    expect(await world.run(knows.frame())).toHaveLength(37);
    expect(await world.run(knowsNot.frame())).toHaveLength(36);
  });

  it.each([
    ['no password', null],
    ['an empty password', new Uint8Array(0)],
    ['15 bytes', new Uint8Array(15)],
    ['17 bytes', new Uint8Array(17)],
    ['a thousand bytes', new Uint8Array(1000)],
  ])(
    'takes a request for a new session with %s, and answers with 16 bytes all the same',
    async (_name, password) => {
      const world = await World.serving();
      const client = await world.dial();

      expect((await world.run(client.handshake({ password }))).passwd).toHaveLength(16);
    },
  );

  it('takes any protocol version and bytes behind the request', async () => {
    const world = await World.serving();
    const client = await world.dial();
    const request = connectFrame({ protocolVersion: 7 }).subarray(4);

    client.sendRaw(frameOf(concat(request, new Uint8Array(5))));

    expect(ConnectResponse.read(new JuteReader(await world.run(client.frame()))).timeOut).toBe(10_000);
  });

  it('takes a request that arrives byte by byte', async () => {
    const world = await World.serving();
    const client = await world.dial();

    for (const byte of concat(connectFrame(), requestFrame(1, OpCode.exists, exists('/')))) {
      client.sendRaw(Uint8Array.of(byte));
      await world.pass(1);
    }

    expect(await world.run(client.frame())).toHaveLength(37);
    expect((await world.run(client.reply())).err).toBe(0);
  });

  it('answers only when the session is durable, and holds back what was sent behind the request', async () => {
    const world = await World.serving();
    const client = await world.dial();
    const syncs = world.holdSyncs();

    client.sendRaw(concat(connectFrame(), requestFrame(1, OpCode.exists, exists('/'))));
    await world.pass(1000);

    expect(client.frames).toEqual([]);

    syncs.release();

    expect(await world.run(client.frame())).toHaveLength(37);
    expect((await world.run(client.reply())).xid).toBe(1);
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['too short', new Uint8Array(20)],
    ['of a password that runs over the end', connectFrame().subarray(4, 40)],
  ])('closes the connection on a request that is %s', async (_name, body) => {
    const world = await World.serving();
    const client = await world.dial();

    client.sendRaw(frameOf(body));
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
    expect(world.lines('unreadable request')[0]?.fields).toMatchObject({ operation: 'connect' });
  });

  it('closes the connection of a client that has seen more than this server, without a word', async () => {
    const world = await World.serving();
    const client = await world.dial();

    client.sendRaw(connectFrame({ lastZxid: 1_000_000 }));
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
    expect(world.lines('later zxid than ours')).toHaveLength(1);
  });

  it('gives out no id twice, over restarts and wall clocks that go back', async () => {
    const world = await World.serving();
    const clients = [await world.client(), await world.client()];
    const given = clients.map(({ session }) => session!.sessionId);
    // The last to come has left when the server starts again: nothing there knows its session any more.
    clients[1]!.send(OpCode.closeSession);
    await world.run(clients[1]!.closed());
    await world.run(world.server.close());
    world.runtime.clock.jumpWallClock(-3_600_000);
    await world.start();

    given.push((await world.client()).session!.sessionId, (await world.client()).session!.sessionId);

    expect(new Set(given).size).toBe(4);
  });
});

describe('taking a session over', () => {
  it('keeps the session, and closes the connection that had it', async () => {
    const world = await World.serving();
    const before = await world.client();
    const { sessionId, passwd } = before.session!;
    const after = await world.dial();

    const session = await world.run(after.handshake({ sessionId, password: passwd, timeout: 20_000 }));

    expect(session).toMatchObject({ sessionId, timeOut: 20_000, passwd });
    await world.run(before.closed());
  });

  it('takes no zxid', async () => {
    const world = await World.serving();
    const before = await world.client();
    const { sessionId, passwd } = before.session!;
    const zxid = world.server.view.lastProcessedZxid;

    await world.run((await world.dial()).handshake({ sessionId, password: passwd }));

    expect(world.server.view.lastProcessedZxid).toBe(zxid);
  });

  it.each([
    ['a wrong password', new Uint8Array(16).fill(9)],
    ['an empty password', new Uint8Array(0)],
    ['no password', null],
    ['a password that is too long', new Uint8Array(5000)],
  ])('refuses %s with an empty session, and leaves its owner alone', async (_name, password) => {
    const world = await World.serving();
    const owner = await world.client();
    const thief = await world.dial();

    const answer = await world.run(thief.handshake({ sessionId: owner.session!.sessionId, password }));

    expect(answer).toMatchObject({ timeOut: 0, sessionId: 0n, passwd: new Uint8Array(16) });
    await world.run(thief.closed());
    expect((await world.run(owner.request(OpCode.exists, exists('/')))).err).toBe(0);
    expect(world.lines('wrong password')).toHaveLength(1);
  });

  it('refuses a session that is not there', async () => {
    const world = await World.serving();
    const client = await world.dial();

    const answer = await world.run(client.handshake({ sessionId: 4711n }));

    expect(answer.sessionId).toBe(0n);
    await world.run(client.closed());
  });

  it('refuses everybody from an address that guesses too often, for a while', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    const owner = await world.client();
    const { sessionId, passwd } = owner.session!;
    const attempt = async (password: Uint8Array | null) => {
      const client = await world.dial({ from: 'guesser' });
      client.sendRaw(connectFrame({ sessionId, password }));
      await world.run(client.closed());
      return client.frames.length;
    };
    for (let i = 0; i < 100; i++) expect(await attempt(new Uint8Array(16))).toBe(1);

    expect(await attempt(passwd)).toBe(0);

    await world.pass(11_000);
    const later = await world.dial({ from: 'guesser' });
    expect((await world.run(later.handshake({ sessionId, password: passwd }))).sessionId).toBe(sessionId);
  });

  it('waits for what was written over the other connection', async () => {
    const world = await World.serving();
    const before = await world.client();
    const { sessionId, passwd } = before.session!;
    const syncs = world.holdSyncs();
    before.send(OpCode.create, create('/late'));
    await world.pass(10);
    const after = await world.dial();
    after.sendRaw(
      concat(connectFrame({ sessionId, password: passwd }), requestFrame(1, OpCode.exists, exists('/late'))),
    );
    await world.pass(10);

    expect(after.frames).toEqual([]);

    syncs.release();
    await world.run(after.frame());
    expect((await world.run(after.reply())).err).toBe(0);
  });

  it('works after a restart, where the key of the passwords is the same', async () => {
    const world = await World.serving();
    const before = await world.client();
    const { sessionId, passwd } = before.session!;
    await world.run(world.server.close());
    await world.start();

    const session = await world.run((await world.dial()).handshake({ sessionId, password: passwd }));

    expect(session.sessionId).toBe(sessionId);
  });

  it('does not work with a password of Apache where passwords are keyed', async () => {
    const keyed = await World.serving({ sessionPasswords: 'keyed' });
    const apache = await World.serving({ sessionPasswords: 'apache' });
    const [ours, theirs] = [await keyed.client(), await apache.client()];

    expect(ours.session!.sessionId).toBe(theirs.session!.sessionId);
    expect(ours.session!.passwd).not.toEqual(theirs.session!.passwd);
  });
});
