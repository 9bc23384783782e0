import { CreateMode, EventType, OpCode, writeMultiRequest, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, getData, setData, sync } from '../../test/requests.ts';
import { bytesOf, type TestClient } from '../../test/test-client.ts';

describe('an ensemble of three', () => {
  it('serves on every member, each under its own mode', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });

    expect([...world.members.values()].map(({ view }) => view.mode)).toEqual([
      'follower',
      'follower',
      'leader',
    ]);
  });

  it('commits what a client of a follower writes, and everybody has it', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const client = await world.client(1);

    const created = await world.run(client.request(OpCode.create, create('/a', 'one')));
    const set = await world.run(client.request(OpCode.setData, setData('/a', 'two')));

    expect([created.err, set.err]).toEqual([0, 0]);
    await world.pass(100);
    for (const sid of [1, 2, 3]) {
      const reader = await world.client(sid);
      const reply = await world.run(reader.request(OpCode.getData, getData('/a')));
      expect([sid, new TextDecoder().decode(reply.body.readBuffer()!)]).toEqual([sid, 'two']);
    }
  });

  it('answers the writes of a client of the leader, of a follower, of an observer', async () => {
    const world = await EnsembleWorld.led(1, { size: 4, observers: [4] });
    for (const sid of [1, 2, 4]) {
      const client = await world.client(sid);
      const reply = await world.run(client.request(OpCode.create, create(`/n${sid}`)));
      const again = await world.run(client.request(OpCode.create, create(`/n${sid}`)));
      expect([sid, reply.err, again.err]).toEqual([sid, 0, -110]);
      expect((await world.run(client.request(OpCode.exists, exists(`/n${sid}`)))).err).toBe(0);
    }
  });
});

describe('another way in for clients', () => {
  it('leads to the same member, in whatever role, and is closed with it', async () => {
    const world = await EnsembleWorld.led(3, { size: 3, clientPorts: [2182] });
    for (const sid of [1, 3]) {
      const client = await world.run(world.connect(sid, {}, 2182));
      const reply = await world.run(client.request(OpCode.create, create(`/n${sid}`)));
      expect([sid, reply.err]).toEqual([sid, 0]);
      client.end();
    }

    await world.stop(1);

    await expect(world.run(world.connect(1, {}, 2182))).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('a member that was away', () => {
  it('is brought up to date from the memory of the leader', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    await write(world, 3, 5);
    world.crash(1);
    await write(world, 3, 5, 'later');

    await world.start(1);
    await world.serving(1);

    expect(await world.differences()).toEqual([]);
    expect(world.lines('receiving a snapshot').length).toBe(0);
  });

  it('is brought up to date from the log on disk of the leader', async () => {
    const world = await EnsembleWorld.led(3, { size: 3, ensemble: { snapshotSizeFactor: 1000 } });
    world.crash(1);
    await write(world, 3, 700);

    await world.start(1);
    await world.serving(1);

    expect(await world.differences()).toEqual([]);
  });

  it('is brought up to date by a snapshot where it has missed too much', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    await write(world, 3, 1, 'first');
    world.crash(1);
    await write(world, 3, 700);

    await world.start(1);
    await world.serving(1);
    expect(await world.differences()).toEqual([]);

    world.crash(1);
    await world.start(1);
    await world.serving(1);
    expect(await world.differences()).toEqual([]);
  });

  it('forgets what it logged as a leader and nobody else ever had', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    await write(world, 3, 3);
    const client = await world.client(3);
    world.network.cutPower('s1');
    world.network.cutPower('s2');
    client.send(OpCode.create, create('/never'));
    await world.pass(50);
    for (const sid of [1, 2, 3]) world.crash(sid);

    world.elect(undefined);
    await world.start(1);
    await world.start(2);
    world.elect(2);
    await world.serving(1, 2);
    await world.start(3);
    await world.serving(3);

    expect(await world.differences()).toEqual([]);
    const reader = await world.client(3);
    expect((await world.run(reader.request(OpCode.exists, exists('/never')))).err).toBe(-101);
  });
});

describe('sessions', () => {
  it('go on at another member when theirs dies, with their ephemeral nodes', async () => {
    const world = await EnsembleWorld.led(3, { size: 3, config: { tickTime: 1000 } });
    const client = await world.client(1);
    await world.run(client.request(OpCode.create, create('/e', 'mine', CreateMode.EPHEMERAL)));
    const { sessionId, passwd } = client.session!;
    world.crash(1);

    const again = await world.client(2, { sessionId, password: passwd });

    expect(again.session!.sessionId).toBe(sessionId);
    await world.pass(8000);
    expect((await world.run(again.request(OpCode.exists, exists('/e')))).err).toBe(0);
  });

  it('are with one connection: on the one they have left, a write is not answered, and ends it', async () => {
    const world = await EnsembleWorld.led(2, { size: 3 });
    const left = await world.client(1);
    const { sessionId, passwd } = left.session!;
    const again = await world.client(3, { sessionId, password: passwd });
    const multi = bytesOf((w) =>
      writeMultiRequest(w, [{ type: OpCode.create, record: create('/from/there') }]),
    );

    for (const [type, body] of [
      [OpCode.create, create('/by')],
      [OpCode.multi, multi],
    ] as const) {
      const late = type === OpCode.create ? left : await world.client(1, { sessionId, password: passwd });
      const now = type === OpCode.create ? again : await world.client(3, { sessionId, password: passwd });
      late.send(type, body);
      await world.run(late.closed());

      expect(late.frames).toEqual([]);
      expect((await world.run(now.request(OpCode.exists, exists('/by')))).err).toBe(-101);
    }
  });

  it('live as long as their clients ping, whichever member they are at', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const client = await world.client(1, { timeout: 1000 });
    await world.run(client.request(OpCode.create, create('/e', 'mine', CreateMode.EPHEMERAL)));

    for (let i = 0; i < 40; i++) {
      client.send(OpCode.ping, { write() {} }, Xid.ping);
      await world.pass(100);
    }

    expect(client.isClosed).toBe(false);
    const watcher = await world.client(2);
    expect((await world.run(watcher.request(OpCode.exists, exists('/e')))).err).toBe(0);
  });

  it('expire everywhere when their client is gone', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const client = await world.client(1, { timeout: 1000 });
    await world.run(client.request(OpCode.create, create('/e', 'mine', CreateMode.EPHEMERAL)));
    const watcher = await world.client(2);
    await world.run(watcher.request(OpCode.exists, exists('/e', true)));

    const event = await world.run(watcher.event());

    expect(event).toMatchObject({ type: EventType.NodeDeleted, path: '/e' });
    expect((await world.run(watcher.request(OpCode.exists, exists('/e')))).err).toBe(-101);
    expect(await world.differences()).toEqual([]);
  });
});

describe('a sync', () => {
  it('is answered on every member, behind what was written before it', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    for (const sid of [1, 3]) {
      const [writer, reader] = [await world.client(2), await world.client(sid)];
      await world.run(writer.request(OpCode.create, create(`/s${sid}`)));
      const reply = await world.run(reader.request(OpCode.sync, sync(`/s${sid}`)));
      expect([reply.err, reply.body.readString()]).toEqual([0, `/s${sid}`]);
      expect((await world.run(reader.request(OpCode.exists, exists(`/s${sid}`)))).err).toBe(0);
    }
  });
});

describe('members that elect their leader', () => {
  it('agree on one, and serve', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });

    expect([...world.members.values()].map(({ view }) => view.mode)).toEqual([
      'follower',
      'follower',
      'leader',
    ]);
    await write(world, 1, 10);
    expect(await world.differences()).toEqual([]);
  });

  it('find another when theirs dies, and the old one follows when it comes back', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    await write(world, 1, 10);

    world.crash(3);
    await world.pass(3000);
    await world.serving(1, 2);
    await write(world, 1, 10, 'second');
    await world.start(3);
    await world.serving(3);

    expect([1, 2, 3].map((sid) => world.members.get(sid)!.view.mode)).toEqual([
      'follower',
      'leader',
      'follower',
    ]);
    expect(await world.differences()).toEqual([]);
  });

  it('serve nobody without a quorum', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    world.crash(1);
    world.crash(2);

    await world.pass(5000);

    expect(world.members.get(3)!.view.isServing).toBe(false);
  });
});

/** So many nodes, created by a client of that member. */
async function write(world: EnsembleWorld, sid: number, count: number, name = 'n'): Promise<void> {
  const client: TestClient = await world.client(sid);
  for (let i = 0; i < count; i++) client.send(OpCode.create, create(`/${name}${i}`, String(i)));
  for (let i = 0; i < count; i++) expect((await world.run(client.reply())).err).toBe(0);
  client.end();
}
