import { ErrorCode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, exists, getData, setData } from '../test/requests.ts';
import { World } from '../test/world.ts';

describe('a session whose client falls silent', () => {
  it('lives for its timeout and at most one tick more; then its nodes go, and its connection', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 10_000 });
    const watcher = await world.client({ timeout: 20_000 });
    await world.run(client.request(OpCode.create, create('/e', '', 1)));
    await world.run(watcher.request(OpCode.exists, exists('/e', true)));

    await world.pass(9900);
    expect(client.isClosed).toBe(false);

    await world.pass(2100);
    expect(await world.run(watcher.event())).toMatchObject({ type: 2, path: '/e' });
    expect(client.isClosed).toBe(true);
    expect(world.lines('session has expired')).toHaveLength(1);
    expect(world.metrics.counter('stale_sessions_expired').value).toBe(1);
  });

  it('lives on where the client comes back in time, over another connection', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 10_000 });
    const { sessionId, passwd } = client.session!;
    client.destroy();
    await world.pass(9000);

    const again = await world.dial();
    await world.run(again.handshake({ sessionId, password: passwd }));
    await world.pass(9000);

    expect((await world.run(again.request(OpCode.exists, exists('/')))).err).toBe(0);
  });

  it('is kept alive by anything it sends', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });

    for (let i = 0; i < 20; i++) {
      await world.pass(3500);
      expect((await world.run(client.request(OpCode.ping))).err).toBe(0);
    }
  });

  it('is gone for good: taking it over is refused', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });
    const { sessionId, passwd } = client.session!;
    await world.pass(6000);

    const answer = await world.run((await world.dial()).handshake({ sessionId, password: passwd }));

    expect(answer.sessionId).toBe(0n);
  });

  it('does not die of a stall of the server', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 10_000 });

    world.runtime.clock.stall(120_000);
    client.send(OpCode.ping);

    expect((await world.run(client.reply())).err).toBe(0);
    expect(world.server.view.sessionCount).toBe(1);
  });

  it('does not die of a wall clock that jumps', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 10_000 });

    world.runtime.clock.jumpWallClock(3_600_000);
    await world.pass(2000);

    expect((await world.run(client.request(OpCode.ping))).err).toBe(0);
  });
});

describe('a session whose client the server itself keeps waiting', () => {
  it('does not die before it stands, however slow the disk is', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const syncs = world.holdSyncs();
    const client = await world.dial();
    const joining = client.handshake({ timeout: 4000 });

    await world.pass(60_000);
    syncs.release();

    expect((await world.run(joining)).timeOut).toBe(4000);
    expect((await world.run(client.request(OpCode.exists, exists('/')))).err).toBe(0);
    expect(world.lines('session has expired')).toEqual([]);
  });

  it('does not die of being taken over, while the writes of its other connection are not on the disk', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 4000 });
    const { sessionId, passwd } = client.session!;
    const syncs = world.holdSyncs();
    client.send(OpCode.create, create('/a'));
    await world.pass(10);
    const again = await world.dial();
    const joining = again.handshake({ sessionId, password: passwd, timeout: 4000 });

    await world.pass(60_000);
    syncs.release();

    expect((await world.run(joining)).sessionId).toBe(sessionId);
    expect((await world.run(again.request(OpCode.exists, exists('/a')))).err).toBe(0);
  });

  it('does not die while its client reads slowly, however fast events come in behind', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const [client, writer] = [await world.client({ timeout: 4000 }), await world.client({ timeout: 20_000 })];
    const big = 'x'.repeat(500_000);
    const noise = `/${'n'.repeat(2000)}`;
    await world.run(client.request(OpCode.create, create('/big', big)));
    await world.run(client.request(OpCode.create, create(noise)));
    await world.run(client.request(OpCode.addWatch, addWatch(noise, 0)));
    client.pause();
    for (let i = 0; i < 60; i++) client.send(OpCode.getData, getData('/big'));
    await world.pass(100);

    for (let second = 0; second < 20; second++) {
      // Half a megabyte leaves, and more than that comes.
      client.frames.length = 0;
      client.resume();
      await world.run(client.frame());
      client.pause();
      for (let i = 0; i < 400; i++) writer.send(OpCode.setData, setData(noise, ''));
      for (let i = 0; i < 400; i++) await world.run(writer.frame());
      await world.pass(1000);
    }

    expect(world.server.view.sessionCount).toBe(2);
  });
});

describe('many sessions that expire at once', { timeout: 60_000 }, () => {
  it('are closed in the order they came, and those that live are served meanwhile', async () => {
    const world = await World.serving({ tickTime: 1000, maxClientCnxns: 0 });
    for (let i = 0; i < 500; i++) {
      const client = await world.client({ timeout: 4000, from: 'crowd' });
      client.send(OpCode.create, create(`/e${i}`, '', 1));
    }
    const alive = await world.client({ timeout: 20_000 });

    await world.pass(6000);

    expect(world.server.view.sessionCount).toBe(1);
    expect(world.server.view.nodeCount).toBe(5);
    expect((await world.run(alive.request(OpCode.exists, exists('/e1')))).err).toBe(ErrorCode.NONODE);
  });
});

describe('closing a session', () => {
  it('removes its nodes before the answer', async () => {
    const world = await World.serving();
    const [client, watcher] = [await world.client(), await world.client()];
    await world.run(client.request(OpCode.create, create('/e', '', 1)));

    await world.run(client.request(OpCode.closeSession));

    expect((await world.run(watcher.request(OpCode.exists, exists('/e')))).err).toBe(ErrorCode.NONODE);
    await world.run(client.closed());
    expect(world.server.view.sessionCount).toBe(1);
  });

  it('takes with it the nodes that were on their way', async () => {
    const world = await World.serving();
    const [client, other] = [await world.client(), await world.client()];

    client.send(OpCode.create, create('/e1', '', 1));
    client.send(OpCode.create, create('/e2', '', 1));
    client.send(OpCode.closeSession);
    await world.run(client.closed());

    expect(client.frames).toHaveLength(3);
    for (const path of ['/e1', '/e2']) {
      expect((await world.run(other.request(OpCode.exists, exists(path)))).err).toBe(ErrorCode.NONODE);
    }
  });
});
