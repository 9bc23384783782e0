import { ErrorCode, OpCode, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, getData, setData } from '../test/requests.ts';
import { ascii, concat, connectFrame, requestFrame } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('who may come', () => {
  it('is limited per address, and nobody is told why', async () => {
    const world = await World.serving({ maxClientCnxns: 2 });
    const [first] = [await world.client({ from: 'one' }), await world.client({ from: 'one' })];

    const third = await world.dial({ from: 'one' });
    await world.run(third.closed());
    const other = await world.client({ from: 'other' });

    expect(other.isClosed).toBe(false);
    expect(world.lines('maxClientCnxns')).toHaveLength(1);
    await world.run(first.request(OpCode.closeSession));
    await world.run(first.closed());
    expect((await world.client({ from: 'one' })).isClosed).toBe(false);
  });

  it('is limited in all', async () => {
    const world = await World.serving({ maxCnxns: 2 });
    await world.client();
    await world.client();

    await world.run((await world.dial()).closed());

    expect(world.lines('maxCnxns')).toHaveLength(1);
    expect(world.metrics.counter('connection_rejected').value).toBe(1);
  });

  it('is refused with a line a second at most, which counts the others', async () => {
    const world = await World.serving({ maxCnxns: 1 });
    await world.client();
    for (let i = 0; i < 50; i++) await world.run((await world.dial()).closed());
    await world.pass(2000);
    await world.run((await world.dial()).closed());

    const lines = world.lines('maxCnxns');
    expect(lines.length).toBeLessThan(5);
    expect(lines.length + lines.reduce((sum, { fields }) => sum + Number(fields['unlogged']), 0)).toBe(51);
  });

  it.each([
    ['says nothing', new Uint8Array(0)],
    ['sends three bytes', new Uint8Array(3)],
    ['sends half a request', connectFrame().subarray(0, 20)],
  ])('who %s has a time to it', async (_name, bytes) => {
    const world = await World.serving({ sessionlessCnxnTimeout: 10_000 });
    const client = await world.dial();
    client.sendRaw(bytes);

    await world.pass(9000);
    expect(client.isClosed).toBe(false);

    await world.pass(2000);
    expect(client.isClosed).toBe(true);
    expect(world.metrics.counter('sessionless_connections_expired').value).toBe(1);
  });

  it('who sends a byte now and then gains no time by it', async () => {
    const world = await World.serving({ sessionlessCnxnTimeout: 10_000 });
    const client = await world.dial();

    for (const byte of connectFrame()) {
      client.sendRaw(Uint8Array.of(byte));
      await world.pass(1000);
    }

    expect(client.isClosed).toBe(true);
    expect(client.frames).toEqual([]);
  });
});

describe('other protocols on the port', () => {
  it.each([
    ['HTTP', ascii('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['HTTP', ascii('POST /x HTTP/1.1\r\n')],
    ['TLS', Uint8Array.of(0x16, 3, 1, 0, 0xa5, 1, 0, 0)],
    ['SSH', ascii('SSH-2.0-OpenSSH_9')],
    ['telnet', Uint8Array.of(0xff, 0xf4, 0xff, 0xfd)],
  ])('%s is named in the log and closed', async (protocol, bytes) => {
    const world = await World.serving();
    const client = await world.dial({ framed: false });

    client.sendRaw(bytes);
    await world.run(client.closed());

    expect(client.raw).toEqual([]);
    expect(world.lines(`speaks ${protocol}`)[0]?.fields).toMatchObject({ protocol, size: bytes.length });
  });
});

describe('four-letter words', () => {
  it.each(['ruok', 'srvr', 'conf', 'mntr', 'isro', 'wchs', 'dump', 'cons'])(
    '%s is answered and the connection closed',
    async (word) => {
      const world = await World.serving({ fourLetterWordWhitelist: ['*'] });
      const client = await world.dial({ framed: false });

      client.sendRaw(ascii(word));
      await world.run(client.closed());

      expect(client.text.length).toBeGreaterThan(1);
    },
  );

  it('may arrive byte by byte', async () => {
    const world = await World.serving({ fourLetterWordWhitelist: ['*'] });
    const client = await world.dial({ framed: false });

    for (const letter of 'ruok') {
      client.sendRaw(ascii(letter));
      await world.pass(10);
    }
    await world.run(client.closed());

    expect(client.text).toBe('imok');
  });

  it('show what the server holds', async () => {
    const world = await World.serving({ fourLetterWordWhitelist: ['*'] });
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/e', '', 1)));
    await world.run(client.request(OpCode.exists, exists('/watched', true)));
    const ask = async (word: string): Promise<string> => {
      const asking = await world.dial({ framed: false });
      asking.sendRaw(ascii(word));
      await world.run(asking.closed());
      return asking.text;
    };
    const id = BigInt.asUintN(64, client.session!.sessionId).toString(16);

    expect(await ask('srvr')).toMatch(/Zxid: 0x2\nMode: standalone\nNode count: 6\n/);
    expect(await ask('cons')).toContain(`sid=0x${id},lop=EXIS`);
    expect(await ask('dump')).toContain(`0x${id}:\n\t/e\n`);
    expect(await ask('wchp')).toBe(`/watched\n\t0x${id}\n\n`);
    expect(await ask('mntr')).toContain('zk_watch_count\t1\n');
  });
});

describe('a client that does not read its replies', () => {
  const big = 'x'.repeat(500_000);

  it('is not listened to any more until it reads', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/big', big)));
    client.pause();

    for (let i = 0; i < 100; i++) client.send(OpCode.getData, getData('/big'));
    await world.pass(1000);
    const taken = world.server.view.packetsReceived;
    expect(taken).toBeLessThan(40);

    client.resume();
    for (let i = 0; i < 100; i++) expect((await world.run(client.reply())).err).toBe(0);
  });

  it('keeps its session while it reads, however slowly, and no longer', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });
    await world.run(client.request(OpCode.create, create('/big', big)));
    client.pause();
    for (let i = 0; i < 60; i++) client.send(OpCode.getData, getData('/big'));

    for (let i = 0; i < 20; i++) {
      client.resume();
      await world.run(client.reply());
      client.pause();
      await world.pass(1000);
    }
    expect(world.server.view.sessionCount).toBe(1);

    await world.pass(20_000);
    expect(world.server.view.sessionCount).toBe(0);
  });

  it('is cut off when events pile up', async () => {
    const world = await World.serving({ unsentMaxBytes: 100_000 });
    const [deaf, writer] = [await world.client(), await world.client()];
    const long = `/${'n'.repeat(10_000)}`;
    const watch = (w: { writeString(text: string): void; writeInt(n: number): void }): void => {
      w.writeString('/');
      w.writeInt(1);
    };
    await world.run(deaf.request(OpCode.addWatch, { write: watch }));
    deaf.pause();

    for (let i = 0; i < 40; i++) await world.run(writer.request(OpCode.create, create(`${long}${i}`)));
    await world.pass(1000);

    expect(world.lines('does not read its replies')[0]?.fields['size']).toBeGreaterThan(100_000);
    expect(world.server.view.watches.watchCount).toBe(0);
  });
});

describe('too many requests in flight', () => {
  it('make connections wait that have some, and nobody else', async () => {
    const world = await World.serving({ globalOutstandingLimit: 10 });
    const [greedy, modest] = [await world.client(), await world.client()];
    const syncs = world.holdSyncs();
    const before = world.server.view.packetsReceived;

    for (let i = 0; i < 100; i++) greedy.send(OpCode.create, create(`/a${i}`));
    await world.pass(100);

    expect(world.server.view.packetsReceived - before).toBeLessThanOrEqual(12);
    expect((await world.run(modest.request(OpCode.exists, exists('/')))).err).toBe(0);

    syncs.release();
    for (let i = 0; i < 100; i++) expect((await world.run(greedy.reply())).err).toBe(0);
  });

  it('are no reason to let sessions expire whose pings are not read', async () => {
    const world = await World.serving({ globalOutstandingLimit: 10, tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });
    const syncs = world.holdSyncs();
    for (let i = 0; i < 100; i++) client.send(OpCode.create, create(`/a${i}`));

    for (let i = 0; i < 60; i++) {
      await world.pass(1000);
      client.send(OpCode.ping);
    }
    syncs.release();

    for (let i = 0; i < 160; i++) expect((await world.run(client.reply())).err).toBe(0);
    expect(world.server.view.sessionCount).toBe(1);
  });

  it('keep the order of what waited, in whatever pieces it came', async () => {
    const world = await World.serving({ globalOutstandingLimit: 2 });
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));
    const frames = Array.from({ length: 200 }, (_, i) =>
      i % 3 === 0
        ? requestFrame(100 + i, OpCode.getData, getData('/a'))
        : requestFrame(100 + i, OpCode.setData, setData('/a', `v${i}`)),
    );
    const stream = concat(...frames);

    for (let at = 0; at < stream.length; at += 37) client.sendRaw(stream.subarray(at, at + 37));
    const xids = [];
    for (let i = 0; i < 200; i++) xids.push((await world.run(client.reply())).xid);

    expect(xids).toEqual(Array.from({ length: 200 }, (_, i) => 100 + i));
  });

  it('are no reason to answer a new session late', async () => {
    const world = await World.serving({ globalOutstandingLimit: 1 });
    const client = await world.client();
    for (let i = 0; i < 50; i++) client.send(OpCode.create, create(`/a${i}`));

    const another = await world.client();

    expect(another.session!.timeOut).toBe(10_000);
  });
});

describe('a connection that ends', () => {
  it('leaves nothing behind but its session', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (let i = 0; i < 100; i++) await world.run(client.request(OpCode.exists, exists(`/w${i}`, true)));

    client.destroy();
    await world.pass(100);

    const { view } = world.server;
    expect([view.connectionCount, view.watches.watchCount, view.sessionCount]).toEqual([0, 0, 1]);
  });

  it('with writes in flight ends them no less: they are applied, and answered to nobody', async () => {
    const world = await World.serving();
    const [client, another] = [await world.client(), await world.client()];
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/a'));
    client.send(OpCode.exists, exists('/a'));
    await world.pass(10);
    client.destroy();
    await world.pass(10);
    syncs.release();
    await world.pass(10);

    expect((await world.run(another.request(OpCode.exists, exists('/a')))).err).toBe(0);
    expect(world.server.view.outstandingRequests).toBe(0);
  });

  it('is let go of, also where the other side never closes it', async () => {
    const world = await World.serving();
    const client = await world.client();
    client.pause();
    client.send(OpCode.closeSession);
    await world.pass(100);

    expect(world.server.view.connectionCount).toBe(0);
    await world.pass(10_000);
    client.resume();
    await world.run(client.closed());
  });
});

it('a request of nobody who is known is refused', async () => {
  const world = await World.serving({ enforceAuth: { enabled: true, schemes: ['digest'] } });
  const client = await world.client();

  client.send(OpCode.exists, exists('/'), 9);
  const { xid, zxid, err } = await world.run(client.reply());
  await world.run(client.closed());

  expect([xid, zxid, err]).toEqual([9, 0, ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH]);
});

describe('an event for very many connections', { timeout: 60_000 }, () => {
  it('reaches all of them, and others are answered meanwhile', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    const watchers = [];
    for (let i = 0; i < 1700; i++) {
      const client = await world.client({ from: 'crowd', timeout: 60_000 });
      client.send(OpCode.exists, exists('/a', true));
      watchers.push(client);
    }
    const [writer, other] = [await world.client(), await world.client()];
    await world.pass(100);
    for (const watcher of watchers) watcher.frames.length = 0;

    writer.send(OpCode.create, create('/a'));
    other.send(OpCode.ping);
    for (const watcher of watchers) watcher.send(OpCode.exists, exists('/a'));

    expect((await world.run(other.reply())).err).toBe(0);
    expect((await world.run(writer.reply())).err).toBe(0);
    for (const watcher of watchers) {
      const frames = [await world.run(watcher.reply()), await world.run(watcher.reply())];
      // Either its read came before the create, or its event before its read.
      expect([
        [ErrorCode.NONODE, EVENT],
        [EVENT, ErrorCode.OK],
      ]).toContainEqual(frames.map(({ xid, err }) => (xid === Xid.notification ? EVENT : err)));
    }
  });
});

const EVENT = 'event';
