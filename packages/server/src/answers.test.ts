import {
  AuthPacket,
  CreateMode,
  ErrorCode,
  OpCode,
  Perms,
  SetACLRequest,
  Acl,
  WatcherType,
  Xid,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import {
  checkWatches,
  create,
  exists,
  getChildren,
  getData,
  remove,
  setData,
  sync,
} from '../test/requests.ts';
import { ascii, concat, requestFrame } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('the order of answers', () => {
  it('is the order of the requests, reads behind writes included', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.sendRaw(
      concat(
        requestFrame(1, OpCode.create, create('/a', 'one')),
        requestFrame(2, OpCode.getData, getData('/a')),
        requestFrame(3, OpCode.setData, setData('/a', 'two')),
        requestFrame(4, OpCode.getData, getData('/a')),
        requestFrame(5, OpCode.delete, remove('/a')),
        requestFrame(6, OpCode.exists, exists('/a')),
        requestFrame(-2, OpCode.ping, null),
        requestFrame(7, OpCode.sync, sync('/a')),
      ),
    );
    const replies = [];
    for (let i = 0; i < 8; i++) replies.push(await world.run(client.reply()));

    expect(replies.map(({ xid, err }) => [xid, err])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 0],
      [6, ErrorCode.NONODE],
      [-2, 0],
      [7, 0],
    ]);
    expect(replies[1]!.body.readBuffer()).toEqual(ascii('one'));
    expect(replies[3]!.body.readBuffer()).toEqual(ascii('two'));
  });

  it('lets nobody wait for the writes of others', async () => {
    const world = await World.serving();
    const [writer, reader] = [await world.client(), await world.client()];
    const syncs = world.holdSyncs();
    writer.send(OpCode.create, create('/slow'));
    await world.pass(100);

    expect((await world.run(reader.request(OpCode.exists, exists('/slow')))).err).toBe(ErrorCode.NONODE);
    expect(writer.frames).toEqual([]);

    syncs.release();
    expect((await world.run(writer.reply())).err).toBe(0);
  });

  it('never shows a write before it is durable', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();

    client.send(OpCode.create, create('/a'));
    client.send(OpCode.exists, exists('/a'));
    await world.pass(1000);

    expect(client.frames).toEqual([]);

    syncs.release();
    expect((await world.run(client.reply())).err).toBe(0);
    expect((await world.run(client.reply())).err).toBe(0);
  });

  it('carries the zxid of what the server had processed', async () => {
    const world = await World.serving();
    const client = await world.client();
    const before = world.server.view.lastProcessedZxid;

    const created = await world.run(client.request(OpCode.create, create('/a')));
    const failed = await world.run(client.request(OpCode.create, create('/a')));
    const read = await world.run(client.request(OpCode.exists, exists('/a')));

    expect([created.zxid, failed.zxid, read.zxid]).toEqual([before + 1, before + 2, before + 2]);
    expect(failed.err).toBe(ErrorCode.NODEEXISTS);
  });

  it('answers an error in its turn, between the writes around it', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.send(OpCode.create, create('/a'));
    client.send(OpCode.create, new Uint8Array([0, 0]));
    client.send(OpCode.create, create('/b'));

    expect((await world.run(client.reply())).err).toBe(0);
    expect((await world.run(client.reply())).err).toBe(ErrorCode.MARSHALLINGERROR);
    expect((await world.run(client.reply())).err).toBe(0);
  });

  it('lets authentication overtake', async () => {
    const world = await World.serving();
    const client = await world.client();
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/a'), 1);
    client.send(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth);
    await world.pass(10);

    expect((await world.run(client.reply())).xid).toBe(Xid.auth);

    syncs.release();
    expect((await world.run(client.reply())).xid).toBe(1);
  });

  it('judges a request by who the client was when it asked', async () => {
    const world = await World.serving();
    const owner = await world.client();
    await world.run(owner.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth));
    await world.run(owner.request(OpCode.create, create('/mine', 'x')));
    await world.run(
      owner.request(OpCode.setACL, new SetACLRequest('/mine', [new Acl(Perms.ALL, 'auth', '')], -1)),
    );
    const client = await world.client();
    const syncs = world.holdSyncs();

    client.send(OpCode.create, create('/other'));
    client.send(OpCode.getData, getData('/mine'));
    client.send(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth);
    client.send(OpCode.getData, getData('/mine'));
    await world.pass(10);
    syncs.release();

    const errors = [];
    for (let i = 0; i < 4; i++) errors.push((await world.run(client.reply())).err);
    expect(errors).toEqual([0, 0, ErrorCode.NOAUTH, 0]);
  });

  it('drops what comes behind the end of the session, and ends the connection', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.send(OpCode.closeSession, null, 1);
    client.send(OpCode.exists, exists('/'), 2);
    await world.run(client.closed());

    expect(client.frames).toHaveLength(1);
    expect((await client.reply()).xid).toBe(1);
  });
});

describe('a watch event', () => {
  it('leaves before the reply to the write that set it off', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));
    await world.run(client.request(OpCode.getData, getData('/a', true)));

    const xid = client.send(OpCode.setData, setData('/a', 'x'));
    const event = await world.run(client.event());
    const reply = await world.run(client.reply());

    expect(event).toMatchObject({ type: 3, state: 3, path: '/a' });
    expect(reply.xid).toBe(xid);
    expect(event.zxid).toBe(reply.zxid);
  });

  it('leaves before any reply that shows the change, to anybody', async () => {
    const world = await World.serving();
    const [watcher, writer] = [await world.client(), await world.client()];
    await world.run(watcher.request(OpCode.exists, exists('/a', true)));

    await world.run(writer.request(OpCode.create, create('/a')));
    watcher.send(OpCode.exists, exists('/a'));

    expect(await world.run(watcher.event())).toMatchObject({ type: 1, path: '/a' });
    expect((await world.run(watcher.reply())).err).toBe(0);
  });

  it('comes once for several changes in one transaction', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.getChildren, getChildren('/', true)));

    client.send(OpCode.create, create('/a'));
    client.send(OpCode.create, create('/b'));

    expect(await world.run(client.event())).toMatchObject({ type: 4, path: '/' });
    expect((await world.run(client.reply())).err).toBe(0);
    expect((await world.run(client.reply())).err).toBe(0);
    expect(client.frames).toEqual([]);
  });

  it('is not for those who may not read the node', async () => {
    const world = await World.serving();
    const [owner, stranger] = [await world.client(), await world.client()];
    await world.run(owner.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth));
    await world.run(stranger.request(OpCode.exists, exists('/a', true)));

    const own = create('/a', '', CreateMode.PERSISTENT);
    own.acl = [new Acl(Perms.ALL, 'auth', '')];
    await world.run(owner.request(OpCode.create, own));
    await world.pass(100);

    expect(stranger.frames).toEqual([]);
  });

  it('goes with its connection: another one of the same session hears nothing', async () => {
    const world = await World.serving();
    const before = await world.client();
    await world.run(before.request(OpCode.exists, exists('/a', true)));
    const { sessionId, passwd } = before.session!;
    const after = await world.dial();
    await world.run(after.handshake({ sessionId, password: passwd }));

    await world.run(after.request(OpCode.create, create('/a')));

    expect(after.frames).toEqual([]);
    expect(world.server.view.watches.watchCount).toBe(0);
  });

  it('comes from no watch that was removed', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.exists, exists('/a', true)));
    const watch = (type: number) => checkWatches('/a', type);

    expect((await world.run(client.request(OpCode.checkWatches, watch(WatcherType.Data)))).err).toBe(0);
    expect((await world.run(client.request(OpCode.removeWatches, watch(WatcherType.Any)))).err).toBe(0);
    expect((await world.run(client.request(OpCode.checkWatches, watch(WatcherType.Data)))).err).toBe(
      ErrorCode.NOWATCHER,
    );
    await world.run(client.request(OpCode.create, create('/a')));
    expect(client.frames).toEqual([]);
  });
});
