import {
  Acl,
  AuthPacket,
  CreateMode,
  ErrorCode,
  GetACLRequest,
  OpCode,
  Perms,
  readAcls,
  SetACLRequest,
  Xid,
} from '@corral/protocol';
import { tcp } from '@corral/transport-tcp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @boundaries-ignore the raw client of the server's own specs serves here too; it is not packed
import {
  create,
  exists,
  getChildren,
  getData,
  remove,
  setData,
} from '../../../packages/server/test/requests.ts';
// @boundaries-ignore the raw client of the server's own specs serves here too; it is not packed
import { ascii, type HandshakeOptions, TestClient } from '../../../packages/server/test/test-client.ts';
import { type House, houses } from './houses.ts';

describe.each(houses)('a server over $name', { timeout: 60_000 }, ({ build }) => {
  let house: House;
  let port: number;

  beforeEach(() => {
    house = build();
  });

  afterEach(() => house.dispose());

  async function openSession(options: HandshakeOptions = {}): Promise<TestClient> {
    const client = await TestClient.dial(tcp(), port);
    await client.handshake(options);
    return client;
  }

  it('starts empty, and serves', async () => {
    port = await house.start();
    const client = await openSession();

    expect((await client.request(OpCode.create, create('/a', 'x'))).err).toBe(0);
    expect((await client.request(OpCode.getData, getData('/a'))).body.readBuffer()).toEqual(ascii('x'));
    expect((await client.request(OpCode.getChildren, getChildren('/'))).body.readStrings()).toHaveLength(2);
  });

  it.each(['closed', 'cut'] as const)(
    'has everything again after it was %s: data, Stats, ACLs, sessions',
    async (end) => {
      port = await house.start();
      const client = await openSession();
      const { sessionId, passwd } = client.session!;
      await client.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth);
      await client.request(OpCode.create, create('/data', 'one'));
      await client.request(OpCode.setData, setData('/data', 'two'));
      await client.request(OpCode.create, create('/null', null));
      await client.request(OpCode.create, create('/mine', 'own', CreateMode.EPHEMERAL));
      await client.request(OpCode.create, create('/seq-', '', CreateMode.PERSISTENT_SEQUENTIAL));
      await client.request(OpCode.create, create('/gone'));
      await client.request(OpCode.delete, remove('/gone'));
      await client.request(OpCode.setACL, new SetACLRequest('/data', [new Acl(Perms.ALL, 'auth', '')], -1));
      const paths = ['/', '/data', '/null', '/mine', '/seq-0000000003'];
      const before = await picture(client, paths);

      if (end === 'closed') {
        await house.stop();
        port = await house.start();
      } else {
        await house.cut();
        port = await house.start();
      }

      const again = await openSession({ sessionId, password: passwd });
      expect(again.session!.sessionId).toBe(sessionId);
      expect((await again.request(OpCode.getData, getData('/data'))).err).toBe(ErrorCode.NOAUTH);
      await again.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('user:secret')), Xid.auth);
      expect(await picture(again, paths)).toEqual(before);
      expect(readAcls((await again.request(OpCode.getACL, new GetACLRequest('/data'))).body)).toMatchObject([
        { perms: Perms.ALL, scheme: 'digest' },
      ]);
      const next = await again.request(OpCode.create, create('/seq-', '', CreateMode.PERSISTENT_SEQUENTIAL));
      expect(next.body.readString()).toBe('/seq-0000000005');
    },
  );

  it('loses no answered write when it is cut in the middle of many, again and again', async () => {
    const config = { snapCount: 40 };
    const answered: string[] = [];
    port = await house.start(config);

    for (let life = 0; life < 4; life++) {
      const clients = await Promise.all([openSession(), openSession(), openSession()]);
      for (const [c, client] of clients.entries()) {
        for (let i = 0; i < 60; i++) client.send(OpCode.create, create(`/n${life}-${c}-${i}`, `${life}`));
      }
      // Cut when some of the answers are there, wherever that is.
      const some = clients.map(async (client, c) => {
        for (let i = 0; i < 20 + life * 7; i++) {
          if ((await client.reply()).err === 0) answered.push(`/n${life}-${c}-${i}`);
        }
      });
      await Promise.all(some);
      await house.cut();
      port = await house.start(config);

      const reader = await openSession();
      for (const path of answered)
        expect([path, (await reader.request(OpCode.exists, exists(path))).err]).toEqual([path, 0]);
      const children = (await reader.request(OpCode.getChildren, getChildren('/'))).body
        .readStrings()!
        .map(String);
      for (let earlier = 0; earlier <= life; earlier++) {
        for (let c = 0; c < 3; c++) expect(isPrefix(children, `n${earlier}-${c}-`)).toBe(true);
      }
    }
  });

  it('starts from its snapshots when it is cut, and has purged what it does not need', async () => {
    const config = { snapCount: 20, autopurge: { snapRetainCount: 3, intervalMs: 3_600_000 } };
    port = await house.start(config);
    const client = await openSession();
    for (let i = 0; i < 200; i++) await client.request(OpCode.create, create(`/n${i}`, 'x'.repeat(i)));
    for (let i = 0; i < 200; i += 2) await client.request(OpCode.setData, setData(`/n${i}`, `${i}`));
    const { zxid } = await client.request(OpCode.exists, exists('/'));

    await house.cut();
    port = await house.start(config);

    const again = await openSession();
    // One more: the session that asks.
    expect((await again.request(OpCode.exists, exists('/'))).zxid).toBe(zxid + 1);
    expect((await again.request(OpCode.getData, getData('/n198'))).body.readBuffer()).toEqual(ascii('198'));
    expect((await again.request(OpCode.getData, getData('/n199'))).body.readBuffer()).toEqual(
      ascii('x'.repeat(199)),
    );
  });

  it('gives every write one zxid, in the order they were answered', async () => {
    port = await house.start();
    const clients = await Promise.all([openSession(), openSession()]);
    const first = (await clients[0].request(OpCode.exists, exists('/'))).zxid + 1;
    for (let i = 0; i < 50; i++)
      for (const [c, client] of clients.entries()) client.send(OpCode.create, create(`/${c}-${i}`));
    for (const client of clients) for (let i = 0; i < 50; i++) await client.reply();

    const created = new Set<bigint>();
    for (const [c, client] of clients.entries()) {
      let last = 0n;
      for (let i = 0; i < 50; i++) {
        const czxid = (await client.request(OpCode.exists, exists(`/${c}-${i}`))).body.readLong();
        expect(czxid > last).toBe(true);
        last = czxid;
        created.add(czxid);
      }
    }
    expect([...created].toSorted((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 100 }, (_, i) => BigInt(first + i)),
    );
  });
});

/** Data and Stat of every path, as bytes. */
async function picture(client: TestClient, paths: readonly string[]): Promise<(readonly [string, string])[]> {
  const seen: (readonly [string, string])[] = [];
  for (const path of paths) {
    const { frame, err } = await client.request(OpCode.getData, getData(path));
    expect([path, err]).toEqual([path, 0]);
    seen.push([path, Buffer.from(frame.subarray(REPLY_HEADER_BYTES)).toString('hex')]);
  }
  return seen;
}

/** Of the names that begin so and end with a number, none is missing before another. */
function isPrefix(names: readonly string[], start: string): boolean {
  const numbers = names
    .filter((name) => name.startsWith(start))
    .map((name) => Number(name.slice(start.length)));
  return numbers.toSorted((a, b) => a - b).every((number, i) => number === i);
}

const REPLY_HEADER_BYTES = 16;
