import { CreateMode, ErrorCode, OpCode, Xid, writeMultiRequest } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData, remove, setData } from '../../test/requests.ts';
import { bytesOf, type TestClient } from '../../test/test-client.ts';

const LEADER = 1;
const ROLES = [
  ['a leader', LEADER],
  ['a follower', 2],
  ['an observer', 4],
] as const;

describe.each(ROLES)('a local session of %s', (_, sid) => {
  it('is answered at once, without a transaction, and known to that server alone', async () => {
    const world = await ensemble();
    const before = zxidOf(world, LEADER);

    const client = await world.client(sid);

    expect(client.session!.sessionId >> 56n).toBe(BigInt(sid));
    await world.pass(500);
    expect(zxidOf(world, LEADER)).toBe(before);
    for (const each of world.members.keys())
      expect([each, sessionsOf(world, each)]).toEqual([each, { local: each === sid ? 1 : 0, global: 0 }]);
  });

  it('reads and writes as any other', async () => {
    const world = await ensemble();
    const client = await world.client(sid);

    const created = await world.run(client.request(OpCode.create, create('/a', 'one')));
    const set = await world.run(client.request(OpCode.setData, setData('/a', 'two')));
    const read = await world.run(client.request(OpCode.getData, getData('/a')));

    expect([created.err, set.err, read.err]).toEqual([0, 0, 0]);
    expect(sessionsOf(world, sid)).toEqual({ local: 1, global: 0 });
  });

  it('becomes global before its first ephemeral node, and only once', async () => {
    const world = await ensemble();
    const client = await world.client(sid);
    const before = zxidOf(world, LEADER);

    client.send(OpCode.create, create('/e1', '', CreateMode.EPHEMERAL));
    client.send(OpCode.create2, create('/e2', '', CreateMode.EPHEMERAL_SEQUENTIAL));
    const [first, second] = [await world.run(client.reply()), await world.run(client.reply())];

    expect([first.err, second.err]).toEqual([0, 0]);
    await world.pass(500);
    // A createSession, two creates.
    expect(zxidOf(world, LEADER)).toBe(before + 3);
    expect(first.zxid).toBe(before + 2);
    for (const each of world.members.keys()) expect(sessionsOf(world, each)).toEqual({ local: 0, global: 1 });
  });

  it('becomes global for an ephemeral node in a multi (ZOOKEEPER-2725)', async () => {
    const world = await ensemble();
    const client = await world.client(sid);

    const reply = await world.run(client.request(OpCode.multi, multi('/p', '/e')));

    expect(reply.err).toBe(0);
    await world.pass(500);
    expect(sessionsOf(world, sid)).toEqual({ local: 0, global: 1 });
    client.send(OpCode.closeSession, null);
    await world.run(client.closed());
    await world.pass(500);
    expect(await isThere(world, LEADER, '/p')).toBe(true);
    expect(await isThere(world, LEADER, '/e')).toBe(false);
  });

  it('leaves no ephemeral node behind where it is closed while it becomes global (ZOOKEEPER-3471)', async () => {
    const world = await ensemble();
    const client = await world.client(sid);

    client.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));
    client.send(OpCode.closeSession, null);
    await world.run(client.closed());
    await world.pass(500);

    for (const each of world.members.keys()) {
      expect(await isThere(world, each, '/e')).toBe(false);
      expect(sessionsOf(world, each).global).toBe(0);
    }
  });

  it('leaves none behind where its client vanishes while it becomes global', async () => {
    const world = await ensemble();
    const client = await world.client(sid, { timeout: 1000 });

    client.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));
    client.destroy();
    await world.pass(500);
    expect(await isThere(world, LEADER, '/e')).toBe(true);
    await world.pass(3000);

    expect(await isThere(world, LEADER, '/e')).toBe(false);
    expect(sessionsOf(world, LEADER).global).toBe(0);
  });

  it('is refused an ephemeral node where sessions may not become global, and goes on', async () => {
    const world = await ensemble({ localSessionsUpgradingEnabled: false });
    const client = await world.client(sid);
    const before = zxidOf(world, LEADER);

    const single = await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const several = await world.run(client.request(OpCode.multi, multi('/p', '/e')));
    const plain = await world.run(client.request(OpCode.create, create('/p')));

    expect([single.err, several.err, plain.err]).toEqual([
      ErrorCode.EPHEMERALONLOCALSESSION,
      ErrorCode.EPHEMERALONLOCALSESSION,
      0,
    ]);
    expect(zxidOf(world, LEADER)).toBe(before + 1);
    expect(sessionsOf(world, sid)).toEqual({ local: 1, global: 0 });
  });

  it('is closed without a transaction, behind what its client asked for before', async () => {
    const world = await ensemble();
    const client = await world.client(sid);
    const before = zxidOf(world, LEADER);

    client.send(OpCode.create, create('/a'));
    client.send(OpCode.exists, exists('/a'));
    const closing = client.send(OpCode.closeSession, null);
    const replies = [];
    for (let i = 0; i < 3; i++) replies.push(await world.run(client.reply()));
    await world.run(client.closed());

    expect(replies.map(({ err }) => err)).toEqual([0, 0, 0]);
    expect(replies[2]!.xid).toBe(closing);
    expect(zxidOf(world, LEADER)).toBe(before + 1);
    expect(sessionsOf(world, sid)).toEqual({ local: 0, global: 0 });
  });

  it('expires there, when its client falls silent, and lives as long as it pings', async () => {
    const world = await ensemble();
    const silent = await world.client(sid, { timeout: 1000 });
    const alive = await world.client(sid, { timeout: 1000 });

    for (let i = 0; i < 20; i++) {
      await world.pass(200);
      await world.run(alive.request(OpCode.ping, null, Xid.ping));
    }

    expect([silent.isClosed, alive.isClosed]).toEqual([true, false]);
    expect(sessionsOf(world, sid)).toEqual({ local: 1, global: 0 });
  });

  it('goes on over another connection with its server, and nowhere else', async () => {
    const world = await ensemble();
    const client = await world.client(sid);
    const { sessionId, passwd } = client.session!;

    const again = await world.client(sid, { sessionId, password: passwd });
    const elsewhere = await world.client(3, { sessionId, password: passwd });

    expect(again.session!.sessionId).toBe(sessionId);
    expect(client.isClosed).toBe(true);
    expect(elsewhere.session!.timeOut).toBe(0);
    expect((await world.run(again.request(OpCode.exists, exists('/')))).err).toBe(0);
  });

  it('goes on anywhere once it is global', async () => {
    const world = await ensemble();
    const client = await world.client(sid);
    await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const { sessionId, passwd } = client.session!;
    client.destroy();

    const elsewhere = await world.client(3, { sessionId, password: passwd });

    expect(elsewhere.session!.sessionId).toBe(sessionId);
    expect((await world.run(elsewhere.request(OpCode.delete, remove('/e')))).err).toBe(0);
  });
});

it('a local session ends with the role of its server', async () => {
  const world = await ensemble();
  const client = await world.client(2);
  const { sessionId, passwd } = client.session!;

  world.elect(undefined);
  world.crash(LEADER);
  await world.run(client.closed());
  world.elect(3);
  await world.serving();
  const again = await world.client(2, { sessionId, password: passwd });

  expect(again.session!.timeOut).toBe(0);
});

it('a leader without local sessions takes nothing from those of others', async () => {
  const world = new EnsembleWorld({ size: 3 });
  await world.start(LEADER);
  for (const sid of [2, 3]) await world.start(sid, { localSessionsEnabled: true });
  world.elect(LEADER);
  await world.serving();

  const client = await world.client(2);

  expect((await world.run(client.request(OpCode.create, create('/a')))).err).toBe(ErrorCode.SESSIONEXPIRED);
});

function ensemble(ensembleConfig: { localSessionsUpgradingEnabled?: boolean } = {}): Promise<EnsembleWorld> {
  return EnsembleWorld.led(LEADER, {
    size: 4,
    observers: [4],
    ensemble: { localSessionsEnabled: true, localSessionsUpgradingEnabled: true, ...ensembleConfig },
  });
}

function multi(plain: string, ephemeral: string): Uint8Array {
  return bytesOf((w) =>
    writeMultiRequest(w, [
      { type: OpCode.create, record: create(plain) },
      { type: OpCode.create, record: create(ephemeral, '', CreateMode.EPHEMERAL) },
    ]),
  );
}

function zxidOf(world: EnsembleWorld, sid: number): number {
  return world.members.get(sid)!.view.lastProcessedZxid;
}

function sessionsOf(world: EnsembleWorld, sid: number): { local: number; global: number } {
  const figures = new Map(
    [...world.members.get(sid)!.view.metrics()].map(({ name, value }) => [name, value]),
  );
  return { local: figures.get('local_sessions')!, global: figures.get('global_sessions')! };
}

async function isThere(world: EnsembleWorld, sid: number, path: string): Promise<boolean> {
  const client: TestClient = await world.client(sid);
  const { err } = await world.run(client.request(OpCode.exists, exists(path)));
  client.send(OpCode.closeSession, null);
  await world.run(client.closed());
  return err === 0;
}
