import { type JuteWriter, JuteReader } from '@corral/jute';
import { memoryStorage } from '@corral/persistence/memory';
import {
  Acl,
  CreateMode,
  CreateRequest,
  CreateSessionTxn,
  DeleteContainerRequest,
  ErrorCode,
  GetEphemeralsRequest,
  MultiHeader,
  OpCode,
  Perms,
  ReconfigRequest,
  SyncRequest,
  toZxid,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, getData, setData } from '../test/requests.ts';
import { ascii, bytesOf, concat, frameOf, requestFrame, type TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';

const path = (text: string | null) => (w: JuteWriter) => w.writeString(text);
const body = (...writes: ((w: JuteWriter) => void)[]) => bytesOf((w) => writes.forEach((write) => write(w)));
const int = (value: number) => (w: JuteWriter) => w.writeInt(value);
const bool = (value: boolean) => (w: JuteWriter) => w.writeBool(value);

async function isWell(world: World, client: TestClient): Promise<void> {
  expect((await world.run(client.request(OpCode.exists, exists('/')))).err).toBe(0);
}

describe('requests that cannot be read', () => {
  it.each([
    ['create cut short', OpCode.create, body(path('/a'))],
    ['exists without its flag', OpCode.exists, body(path('/'))],
    ['a string of length -2', OpCode.exists, body(int(-2), bool(false))],
    ['a string that is longer than its frame', OpCode.getData, body(int(1000), bool(false))],
    ['a string of 2^31 - 1 bytes', OpCode.getData, body(int(2 ** 31 - 1))],
    ['data of length -2', OpCode.setData, body(path('/a'), int(-2), int(-1))],
    ['an ACL of 2^31 - 1 entries', OpCode.setACL, body(path('/a'), int(2 ** 31 - 1))],
    ['an ACL of -2 entries', OpCode.setACL, body(path('/a'), int(-2))],
    ['setWatches of 2^31 - 1 paths', OpCode.setWatches, body((w) => w.writeLong(0n), int(2 ** 31 - 1))],
    ['setWatches without lists', OpCode.setWatches, body((w) => w.writeLong(0n), int(-1), int(-1), int(-1))],
    ['an empty createSession', OpCode.createSession, new Uint8Array(0)],
    ['a null path to exists', OpCode.exists, body(path(null), bool(false))],
    ['a null path to getData', OpCode.getData, body(path(null), bool(false))],
    ['a null path to getChildren', OpCode.getChildren, body(path(null), bool(false))],
    ['a null path to getACL', OpCode.getACL, body(path(null))],
    ['addWatch of an unknown mode', OpCode.addWatch, body(path('/a'), int(9))],
    ['removeWatches of an unknown type', OpCode.removeWatches, body(path('/a'), int(9))],
    ['checkWatches of an unknown type', OpCode.checkWatches, body(path('/a'), int(0))],
    [
      'multi without its end',
      OpCode.multi,
      body(int(OpCode.delete), bool(false), int(-1), path('/a'), int(-1)),
    ],
    ['a multi within a multi', OpCode.multi, body(int(OpCode.multi), bool(false), int(-1))],
    ['an unknown operation in a multi', OpCode.multi, body(int(77), bool(false), int(-1))],
  ])('%s: MARSHALLINGERROR, and all goes on', async (_name, type, bytes) => {
    const world = await World.serving();
    const client = await world.client();

    expect((await world.run(client.request(type, bytes))).err).toBe(ErrorCode.MARSHALLINGERROR);
    await isWell(world, client);
    expect(world.lines('request refused')[0]?.fields).toMatchObject({ opcode: type, size: bytes.length + 8 });
  });

  it.each([
    ['no header', new Uint8Array(0)],
    ['half a header', new Uint8Array(4)],
    ['a header cut short', new Uint8Array(7)],
  ])('%s: the connection is closed', async (_name, bytes) => {
    const world = await World.serving();
    const client = await world.client();

    client.sendRaw(frameOf(bytes));
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
    expect(world.lines('unreadable request')).toHaveLength(1);
  });

  it.each([
    ['negative', -1],
    ['above jute.maxbuffer', 0x10_0000],
    ['the largest int', 2 ** 31 - 1],
  ])(
    'a frame length that is %s: the connection is closed, and a line names the size',
    async (_name, length) => {
      const world = await World.serving();
      const client = await world.client();

      client.sendRaw(bytesOf((w) => w.writeInt(length)));
      await world.run(client.closed());

      expect(String(world.lines('unreadable request')[0]?.fields['reason'])).toContain(String(length));
    },
  );

  it('answers what came before the nonsense', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.sendRaw(
      concat(
        requestFrame(1, OpCode.exists, exists('/')),
        bytesOf((w) => w.writeInt(-1)),
      ),
    );
    await world.run(client.closed());

    expect((await client.reply()).xid).toBe(1);
  });

  it('takes a zxid for an unreadable multi and for no other', async () => {
    const world = await World.serving();
    const client = await world.client();
    const before = world.server.view.lastProcessedZxid;

    const single = await world.run(client.request(OpCode.create, new Uint8Array(2)));
    const multi = await world.run(client.request(OpCode.multi, new Uint8Array(2)));

    expect([single.zxid, multi.zxid]).toEqual([before, before + 1]);
    world.network.cutPower('server');
    world.medium.crash();
    const logged: number[] = [];
    const storage = await memoryStorage({ medium: world.medium });
    await world.run(storage.log.read(toZxid(0), ({ zxid }) => void logged.push(zxid)));
    expect(logged.slice(-2)).toEqual([before, before + 1]);
  });

  it('passes over bytes behind a request', async () => {
    const world = await World.serving();
    const client = await world.client();

    const reply = await world.run(
      client.request(OpCode.exists, body(path('/'), bool(false), int(42), int(42))),
    );

    expect(reply.err).toBe(0);
  });
});

describe('requests that no client may send', () => {
  it.each([
    ['notification', OpCode.notification],
    ['check by itself', OpCode.check],
    ['error', OpCode.error],
    ['10', 10],
    ['99', 99],
    ['108', 108],
    ['-9', -9],
    ['-12', -12],
    ['2^31 - 1', 2 ** 31 - 1],
    ['-2^31', -(2 ** 31)],
  ])('%s: UNIMPLEMENTED without a zxid, and the end of the connection', async (_name, type) => {
    const world = await World.serving();
    const client = await world.client();
    const before = world.server.view.lastProcessedZxid;

    client.send(type, body(path('/'), int(-1)), 5);
    const frame = await world.run(client.frame());
    await world.run(client.closed());

    expect(frame).toEqual(body(int(5), int(-1), int(-1), int(ErrorCode.UNIMPLEMENTED)));
    expect(world.server.view.lastProcessedZxid).toBe(before);
    expect(world.lines('no client may send')[0]?.fields).toMatchObject({ opcode: type });
  });

  it('answers what came before', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.sendRaw(concat(requestFrame(1, OpCode.create, create('/a')), requestFrame(2, 99, null)));
    await world.run(client.closed());

    expect((await client.reply()).err).toBe(0);
    expect((await client.reply()).err).toBe(ErrorCode.UNIMPLEMENTED);
  });

  it('createSession of an open session gets its ConnectResponse again, with a timeout within the limits', async () => {
    const world = await World.serving();
    const client = await world.client();
    const { sessionId } = client.session!;

    client.send(OpCode.createSession, new CreateSessionTxn(2 ** 31 - 1));
    const answer = new JuteReader(await world.run(client.frame()));
    answer.skip(4);

    expect([answer.readInt(), answer.readLong()]).toEqual([10_000, sessionId]);
    await world.crashAndRestart();
    await world.pass(60_000 + 3000);
    expect(world.server.view.sessionCount).toBe(0);
  });

  it('reconfig is switched off', async () => {
    const world = await World.serving();
    const client = await world.client();

    const reply = await world.run(client.request(OpCode.reconfig, new ReconfigRequest('', '', '', -1)));

    expect(reply.err).toBe(ErrorCode.RECONFIGDISABLED);
    await isWell(world, client);
  });

  it('deleteContainer of what is no container is refused', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/plain')));

    const reply = await world.run(
      client.request(OpCode.deleteContainer, new DeleteContainerRequest('/plain')),
    );

    expect(reply.err).toBe(ErrorCode.BADVERSION);
  });

  it('sasl is not configured: an empty answer, and all goes on', async () => {
    const world = await World.serving();
    const client = await world.client();

    const reply = await world.run(
      client.request(
        OpCode.sasl,
        bytesOf((w) => w.writeBuffer(ascii('token'))),
      ),
    );

    expect([reply.zxid, reply.err, reply.body.readBuffer()]).toEqual([0, 0, null]);
    await isWell(world, client);
  });

  it.each([
    ['without a token', bytesOf((w) => w.writeBuffer(null))],
    ['cut short', new Uint8Array(0)],
  ])('sasl %s ends the connection', async (_name, bytes) => {
    const world = await World.serving();
    const client = await world.client();

    client.send(OpCode.sasl, bytes);
    await world.run(client.closed());

    expect(client.frames).toEqual([]);
  });
});

describe('xids', () => {
  it.each([-1, -2, -4, -8, 0, -77, 2 ** 31 - 1])('come back as they were sent: %i', async (xid) => {
    const world = await World.serving();
    const client = await world.client();

    expect((await world.run(client.request(OpCode.exists, exists('/'), xid))).xid).toBe(xid);
  });

  it('of a ping are always -2', async () => {
    const world = await World.serving();
    const client = await world.client();

    client.send(OpCode.ping, ascii('whatever'), 5);

    expect((await world.run(client.reply())).xid).toBe(-2);
  });
});

describe('paths', () => {
  it.each([
    ['empty', ''],
    ['without a slash', 'a'],
    ['with a slash at the end', '/a/'],
    ['with an empty name', '//a'],
    ['with a dot', '/./a'],
    ['with NUL', '/a\0'],
    ['with a control character', '/a\u0001'],
    ['with a surrogate', '/\u{1f600}'],
    ['of the private area', '/\ue000'],
    ['of the specials', '/\ufff0'],
  ])('that are %s are refused for a new node', async (_name, text) => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));

    const { err } = await world.run(client.request(OpCode.create, create(text)));

    expect([ErrorCode.BADARGUMENTS, ErrorCode.NONODE]).toContain(err);
    await world.crashAndRestart();
    expect(world.server.view.nodeCount).toBe(6);
  });

  it('that are no UTF-8 are refused for a new node, and are not there for a read', async () => {
    const world = await World.serving();
    const client = await world.client();
    const bad = Uint8Array.of(0x2f, 0xff, 0xfe);
    const acl = body(int(1), int(31), path('world'), path('anyone'));
    const request = concat(
      body((w) => w.writeBuffer(bad)),
      body(int(-1)),
      acl,
      body(int(0)),
    );

    expect((await world.run(client.request(OpCode.create, request))).err).toBe(ErrorCode.BADARGUMENTS);
    const read = body((w) => w.writeBuffer(bad), bool(true));
    expect((await world.run(client.request(OpCode.getData, read))).err).toBe(ErrorCode.NONODE);
    expect((await world.run(client.request(OpCode.exists, read))).err).toBe(ErrorCode.NONODE);
  });

  it('that are no UTF-8 are refused by sync, which takes any other text', async () => {
    const world = await World.serving();
    const client = await world.client();

    for (const text of ['', 'x', '/a//', '/\0', null]) {
      const { err, body: answer } = await world.run(client.request(OpCode.sync, new SyncRequest(text)));
      expect([err, answer.readString()]).toEqual([0, text]);
    }
    const bad = body((w) => w.writeBuffer(Uint8Array.of(0x2f, 0xff)));
    expect((await world.run(client.request(OpCode.sync, bad))).err).toBe(ErrorCode.BADARGUMENTS);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('may be called %s', async (name) => {
    const world = await World.serving();
    const client = await world.client();

    expect((await world.run(client.request(OpCode.exists, exists(`/${name}`, true)))).err).toBe(
      ErrorCode.NONODE,
    );
    client.send(OpCode.create, create(`/${name}`, name));
    expect(await world.run(client.event())).toMatchObject({ path: `/${name}` });
    expect((await world.run(client.reply())).err).toBe(0);
    expect((await world.run(client.request(OpCode.getData, getData(`/${name}`)))).body.readBuffer()).toEqual(
      ascii(name),
    );
  });

  it('of a megabyte and of very many names are looked up without harm', async () => {
    const world = await World.serving();
    const client = await world.client();

    for (const text of [`/${'x'.repeat(1_000_000)}`, '/a'.repeat(400_000)]) {
      expect((await world.run(client.request(OpCode.exists, exists(text)))).err).toBe(ErrorCode.NONODE);
      expect((await world.run(client.request(OpCode.setData, setData(text, 'x')))).err).toBe(
        ErrorCode.NONODE,
      );
    }
  });
});

describe('what is too much for one request', () => {
  it('a multi of more operations than configured is refused', async () => {
    const world = await World.serving({ multiMaxOperations: 3 });
    const client = await world.client();
    const multi = (count: number) =>
      bytesOf((w) => {
        for (let i = 0; i < count; i++) {
          MultiHeader.writeFields(w, OpCode.check, false, -1);
          w.writeString('/');
          w.writeInt(-1);
        }
        MultiHeader.writeFields(w, -1, true, -1);
      });

    expect((await world.run(client.request(OpCode.multi, multi(3)))).err).toBe(0);
    expect((await world.run(client.request(OpCode.multi, multi(4)))).err).toBe(ErrorCode.MARSHALLINGERROR);
    expect((await world.run(client.request(OpCode.multiRead, multi(4)))).err).toBe(
      ErrorCode.MARSHALLINGERROR,
    );
  });

  it('an ACL of very many entries makes no node', async () => {
    const world = await World.serving();
    const client = await world.client();
    const acl = Array.from({ length: 40_000 }, (_, i) => new Acl(Perms.ALL, 'world', `${i}`));
    const bytes = new CreateRequest('/a', null, acl, CreateMode.PERSISTENT);

    expect((await world.run(client.request(OpCode.create, bytes))).err).toBe(ErrorCode.INVALIDACL);
  });

  it('large requests beyond their bytes in flight end the connection', async () => {
    const world = await World.serving({ largeRequestThreshold: 1000, largeRequestMaxBytes: 5000 });
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));
    const syncs = world.holdSyncs();

    for (let i = 0; i < 3; i++) client.send(OpCode.setData, setData('/a', 'x'.repeat(2000)));
    await world.run(client.closed());

    expect(world.lines('large requests in flight')[0]?.fields).toMatchObject({ operation: 'setData' });
    syncs.release();
    const another = await world.client();
    expect((await world.run(another.request(OpCode.setData, setData('/a', 'x'.repeat(2000))))).err).toBe(0);
  });
});

describe('getEphemerals', () => {
  it.each([
    [null, ['/a', '/ab', '/c']],
    ['', ['/a', '/ab', '/c']],
    [' / ', ['/a', '/ab', '/c']],
    ['/a', ['/a', '/ab']],
    ['/zzz', []],
  ])('with prefix %j', async (prefix, expected) => {
    const world = await World.serving();
    const client = await world.client();
    for (const name of ['/a', '/ab', '/c'])
      await world.run(client.request(OpCode.create, create(name, '', 1)));

    const reply = await world.run(client.request(OpCode.getEphemerals, new GetEphemeralsRequest(prefix)));

    expect(reply.body.readStrings()?.toSorted()).toEqual(expected);
  });
});
