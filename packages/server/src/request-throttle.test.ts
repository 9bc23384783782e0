import { AuthPacket, CreateMode, ErrorCode, OpCode, SetACLRequest, Acl, Xid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, setData } from '../test/requests.ts';
import { ascii, replyOf, type TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';
import { defaultServerConfig, type ServerConfig } from './config.ts';

const throttled = (throttle: Partial<ServerConfig['requestThrottle']>): Promise<World> =>
  World.serving({ requestThrottle: { ...defaultServerConfig.requestThrottle, ...throttle } });

/** Answers that have come. */
const answers = (client: TestClient): [xid: number, err: number][] =>
  client.frames.splice(0).map((frame) => {
    const { xid, err } = replyOf(frame);
    return [xid, err];
  });

const counted = (world: World, name: string): number => world.metrics.counter(name).value;

describe('a server with a request throttle', () => {
  it('works on so many requests at once; the others are answered in their turn', async () => {
    const world = await throttled({ maxRequests: 2 });
    const a = await world.client();
    const b = await world.client();
    const disk = world.holdSyncs();
    for (let i = 0; i < 5; i++) a.send(OpCode.create, create(`/a${i}`));
    b.send(OpCode.exists, exists('/'));
    await world.pass(50);

    // A read, which would be answered at once, waits behind what came before it.
    expect([answers(a), answers(b)]).toEqual([[], []]);
    disk.release();
    await world.pass(1000);

    expect(answers(a)).toEqual([1, 2, 3, 4, 5].map((xid) => [xid, 0]));
    expect(answers(b)).toEqual([[1, 0]]);
    expect(
      world.metrics.samples().find(({ name }) => name === 'cnt_request_throttle_queue_time_ms')?.value,
    ).toBe(4);
    expect(counted(world, 'request_throttle_wait_count')).toBeGreaterThan(0);
  });

  it('counts the time that a request waits where the log tells of slow ones', async () => {
    const world = await World.serving({
      slowRequestMs: 500,
      requestThrottle: { ...defaultServerConfig.requestThrottle, maxRequests: 1 },
    });
    const a = await world.client();
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    a.send(OpCode.exists, exists('/a'));
    await world.pass(600);
    disk.release();
    await world.pass(100);

    expect(world.lines('slow request').map(({ fields }) => fields['operation'])).toEqual([
      'create',
      'exists',
    ]);
  });

  it('drops what somebody left behind who is gone, but not the end of his session', async () => {
    const world = await throttled({ maxRequests: 1 });
    const a = await world.client();
    const gone = await world.client();
    const leaving = await world.client();
    await world.run(leaving.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    gone.send(OpCode.create, create('/gone'));
    leaving.send(OpCode.closeSession);
    await world.pass(1);
    gone.destroy();
    leaving.destroy();
    await world.pass(1);
    disk.release();
    await world.pass(1000);

    const found = async (path: string): Promise<number> =>
      (await world.run(a.request(OpCode.exists, exists(path)))).err;
    answers(a);
    expect([await found('/a'), await found('/gone'), await found('/e')]).toEqual([
      0,
      ErrorCode.NONODE,
      ErrorCode.NONODE,
    ]);
    expect(counted(world, 'stale_requests_dropped')).toBe(1);
  });

  it('does what somebody left behind where stale requests are not to be dropped', async () => {
    const world = await throttled({ maxRequests: 1, dropStale: false });
    const a = await world.client();
    const gone = await world.client();
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    gone.send(OpCode.create, create('/gone'));
    gone.send(OpCode.exists, exists('/gone'));
    await world.pass(1);
    gone.destroy();
    await world.pass(1);
    disk.release();
    await world.pass(1000);

    answers(a);
    expect((await world.run(a.request(OpCode.exists, exists('/gone')))).err).toBe(0);
    expect([counted(world, 'stale_requests'), counted(world, 'stale_requests_dropped')]).toEqual([1, 0]);
  });

  it('drops what has waited for longer than its session, where that is asked for, and its connection with it', async () => {
    const world = await throttled({ maxRequests: 1, staleLatencyCheck: true });
    const a = await world.client({ timeout: 60_000 });
    const b = await world.client({ timeout: 6000 });
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    b.send(OpCode.create, create('/b'));
    b.send(OpCode.create, create('/b2'));
    await world.pass(5900);
    expect(b.isClosed).toBe(false);
    await world.pass(300);
    expect(b.isClosed).toBe(true);
    disk.release();
    await world.pass(100);

    expect(answers(a)).toEqual([[1, 0]]);
    expect((await world.run(a.request(OpCode.exists, exists('/b2')))).err).toBe(ErrorCode.NONODE);
  });

  it('answers what has waited for too long with THROTTLEDOP in its turn, but for pings', async () => {
    const world = await throttled({ maxRequests: 1, throttledOpWaitTime: 500 });
    const a = await world.client();
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    a.send(OpCode.create, create('/late'));
    a.send(OpCode.exists, exists('/late'));
    a.send(OpCode.ping, null, Xid.ping);
    await world.pass(600);
    a.send(OpCode.exists, exists('/late'));
    disk.release();
    await world.pass(100);

    expect(answers(a)).toEqual([
      [1, 0],
      [2, ErrorCode.THROTTLEDOP],
      [3, ErrorCode.THROTTLEDOP],
      [Xid.ping, 0],
      [4, ErrorCode.NONODE],
    ]);
    expect(counted(world, 'throttled_ops')).toBe(2);
  });

  it('lets a request count for who its client was when it asked', async () => {
    const world = await throttled({ maxRequests: 1 });
    const owner = await world.client();
    const stranger = await world.client();
    const bob = new AuthPacket(0, 'digest', ascii('bob:secret'));
    await world.run(owner.request(OpCode.auth, bob, Xid.auth));
    await world.run(owner.request(OpCode.create, create('/a')));
    await world.run(owner.request(OpCode.setACL, new SetACLRequest('/a', [new Acl(31, 'auth', '')], -1)));
    const disk = world.holdSyncs();
    owner.send(OpCode.setData, setData('/a', 'x'));
    stranger.send(OpCode.setData, setData('/a', 'y'));
    stranger.send(OpCode.auth, bob, Xid.auth);
    await world.pass(1);
    disk.release();
    await world.pass(100);

    expect(answers(stranger)).toEqual([
      [Xid.auth, 0],
      [1, ErrorCode.NOAUTH],
    ]);
  });

  it('answers those that wait before it stops, as far as the time for it goes', async () => {
    const world = await throttled({ maxRequests: 1, shutdownTimeout: 1000 });
    const a = await world.client();
    const disk = world.holdSyncs();
    for (let i = 0; i < 4; i++) a.send(OpCode.create, create(`/a${i}`));
    await world.pass(1);
    const closed = world.server.close();
    await world.pass(500);
    disk.release();
    await world.run(closed);

    expect(answers(a)).toEqual([1, 2, 3, 4].map((xid) => [xid, 0]));
  });

  it('drops those that still wait when that time is over', async () => {
    const world = await throttled({ maxRequests: 1, shutdownTimeout: 1000 });
    const a = await world.client();
    const disk = world.holdSyncs();
    for (let i = 0; i < 4; i++) a.send(OpCode.create, create(`/a${i}`));
    await world.pass(1);
    const closed = world.server.close();
    await world.pass(1500);
    disk.release();
    await world.run(closed);

    expect(answers(a)).toEqual([[1, 0]]);
  });

  it('stops to listen to whoever fills the queue, and goes on when there is room', async () => {
    const world = await throttled({ maxRequests: 1 });
    const a = await world.client({ timeout: 60_000 });
    const b = await world.client({ timeout: 60_000 });
    const disk = world.holdSyncs();
    a.send(OpCode.create, create('/a'));
    await world.pass(1);
    const megabyte = create('/b', 'x'.repeat(1_000_000));
    for (let i = 0; i < 20; i++) b.send(OpCode.create, megabyte);
    await world.pass(10);
    const reads = Array.from(world.server.view.connections(), ({ interestOps }) => interestOps & 1);
    disk.release();
    await world.pass(10_000);

    expect(reads).toEqual([1, 0]);
    expect(answers(b)).toHaveLength(20);
  });
});
