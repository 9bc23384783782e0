import type { Client } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { mutex, type Lease, RecipeError, revoke } from './index.ts';

describe('a mutex', () => {
  it('has one holder at a time, who came first is served first', async () => {
    const world = await World.serving();
    const clients = [await world.client(), await world.client(), await world.client()];
    const inside: number[] = [];
    let most = 0;
    const order: number[] = [];

    const work = clients.map((zk, number) =>
      mutex(zk, '/locks/a').run(async () => {
        inside.push(number);
        most = Math.max(most, inside.length);
        order.push(number);
        await zk.sync();
        inside.splice(inside.indexOf(number), 1);
      }),
    );
    await world.run(Promise.all(work));

    expect([most, order]).toEqual([1, [0, 1, 2]]);
    expect((await world.run(clients[0]!.children('/locks/a'))).names).toEqual([]);
  });

  it('names its nodes as Curator does, in containers', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const lease = await world.run(mutex(zk, '/locks/a', { data: 'me' }).acquire());
    // The platform's own kind, as fetch takes it.
    const signal: AbortSignal = lease.lost;
    expect(signal).toBeInstanceOf(AbortSignal);

    expect(lease.path).toMatch(/^\/locks\/a\/_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-0000000000$/);
    const { stat } = await world.run(zk.get(lease.path));
    expect([stat.ephemeralOwner, stat.czxid]).toEqual([zk.sessionId, lease.fencingToken]);
    await world.run(lease.release());
    await world.pass(200_000);
    expect(await world.run(zk.exists('/locks'))).toBeNull();
  });

  it('names its nodes as kazoo does where it is told to, and waits for either', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const first = await world.run(mutex(zk, '/a', { naming: 'kazoo' }).acquire());
    expect(first.path).toMatch(/^\/a\/[0-9a-f]{32}__lock__0000000000$/);

    const second = mutex(zk, '/a').acquire();
    const third = mutex(zk, '/a', { naming: 'kazoo' }).acquire();
    await world.pass(1000);
    expect((await world.run(mutex(zk, '/a').participants())).length).toBe(3);
    await world.run(first.release());
    await world.run((await world.run(second)).release());
    await world.run((await world.run(third)).release());
  });

  it('gives each holder a greater token than the one before', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const tokens: bigint[] = [];
    for (let i = 0; i < 5; i++)
      await world.run(mutex(zk, '/a').run(({ fencingToken }) => void tokens.push(fencingToken)));

    expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
    expect(new Set(tokens).size).toBe(5);
  });

  it('is not had twice without waiting, and tells who has it', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lease = await world.run(mutex(ann, '/a', { data: 'ann' }).acquire());

    expect(await world.run(mutex(bob, '/a').tryAcquire())).toBeNull();

    const names = (await world.run(mutex(bob, '/a').participants())).map(({ data }) => text(data));
    expect(names).toEqual(['ann']);
    await world.run(lease.release());
    expect(await world.run(mutex(bob, '/a').tryAcquire())).not.toBeNull();
  });

  it('wakes one of those who wait, not all of them', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const fired: string[] = [];
    const clients: Client[] = [];
    for (let i = 0; i < 5; i++)
      clients.push(await world.client({ observer: { watchFired: (_, path) => void fired.push(path) } }));
    const lease = await world.run(mutex(zk, '/a').acquire());
    const waiting = clients.map((client) => mutex(client, '/a').acquire());
    await world.pass(100);

    await world.run(lease.release());
    await world.run(waiting[0]!);
    await world.pass(100);

    expect(fired).toEqual([lease.path]);
  });

  it('lets who stops waiting go, whatever he had begun, and the next one up', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lease = await world.run(mutex(zk, '/a').acquire());

    const late = await world.failure(mutex(zk, '/a').acquire({ timeoutMs: 500 }));
    const abort = new AbortController();
    const aborted = world.caught(mutex(zk, '/a').acquire({ signal: abort.signal }));
    abort.abort(new Error('enough'));

    expect(late).toBeInstanceOf(RecipeError);
    expect((late as RecipeError).code).toBe('TIMEOUT');
    expect((await aborted).message).toBe('enough');
    await world.pass(100);
    expect((await world.run(zk.children('/a'))).names).toHaveLength(1);
    expect(lease.isHeld).toBe(true);
  });

  it('refuses what is no path before anything is sent', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(() => mutex(zk, 'a')).toThrow(RangeError);
    expect((await world.failure(mutex(zk, '/a').acquire({ timeoutMs: -1 }))).name).toBe('RangeError');
  });
});

describe('a mutex, when the connection is lost', () => {
  it.each([
    ['after the node was made', (world: World) => world.network.partitionOneWay('server', 'client-1')],
    ['before the node was made', (world: World) => world.network.partition('client-1', 'server')],
  ])('%s, makes one node and holds it', async (_, fault) => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(mutex(zk, '/a').run(() => {}));
    fault(world);
    const acquiring = mutex(zk, '/a').acquire();
    await world.pass(5);

    world.cut();
    world.network.heal();
    const lease = await world.run(acquiring);

    expect((await world.run(zk.children('/a'))).names).toEqual([lease.path.slice('/a/'.length)]);
    expect(lease.isHeld).toBe(true);
  });

  it('while somebody who gave up had his create under way, removes what it made', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const other = await world.client();
    await world.run(mutex(zk, '/a').run(() => {}));
    world.network.partitionOneWay('server', 'client-1');
    const abort = new AbortController();
    const acquiring = world.caught(mutex(zk, '/a').acquire({ signal: abort.signal }));
    await world.pass(5);
    abort.abort(new Error('enough'));
    expect((await acquiring).message).toBe('enough');
    expect((await world.run(other.children('/a'))).names).toHaveLength(1);

    world.cut();
    world.network.heal();
    await world.run(zk.sync());
    await world.pass(100);

    expect((await world.run(other.children('/a'))).names).toEqual([]);
  });

  it('keeps its place in the queue, and gets its turn', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lease = await world.run(mutex(ann, '/a').acquire());
    const waiting = mutex(bob, '/a').acquire();
    await world.pass(100);
    world.network.partition('client-2', 'server');
    world.cut(2);
    await world.pass(100);

    await world.run(lease.release());
    world.network.heal();

    const got = await world.run(waiting);
    expect(got.isHeld).toBe(true);
    expect(got.path).toMatch(/0000000001$/);
  });

  it('while it is released, is free all the same', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lease = await world.run(mutex(ann, '/a').acquire());
    world.network.partitionOneWay('server', 'client-1');
    const releasing = lease.release();
    await world.pass(5);

    world.cut();
    world.network.heal();

    await world.run(releasing);
    expect(await world.run(mutex(bob, '/a').tryAcquire())).not.toBeNull();
  });
});

describe('a lease', () => {
  it('outlives a short loss of the connection', async () => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 9000 });
    const lease = await world.run(mutex(zk, '/a').acquire());

    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(2200);
    world.network.heal();
    await world.run(zk.sync());
    await world.pass(10_000);

    expect(lease.isHeld).toBe(true);
  });

  it('is lost before another can have it, when the connection stays away', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client({ sessionTimeout: 9000 }), await world.client()];
    const lease = await world.run(mutex(ann, '/a').acquire());
    const waiting = mutex(bob, '/a').acquire();
    await world.pass(100);
    const told = toldAt(world, lease);

    world.network.partition('client-1', 'server');
    const got = await world.run(waiting);

    const gotAt = world.runtime.clock.monotonic();
    expect(await world.run(told)).toBeLessThan(gotAt);
    expect(lease.lost.reason).toMatchObject({ code: 'LOST' });
    expect(got.fencingToken).toBeGreaterThan(lease.fencingToken);
    world.network.heal();
    await world.run(lease.release());
    expect(got.isHeld).toBe(true);
  });

  it.each([
    [0, 'suspended'],
    [Number.POSITIVE_INFINITY, 'expired'],
  ] as const)('with suspendedMaxMs %d is lost when the client is %s', async (suspendedMaxMs, state) => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 9000 });
    const lease = await world.run(mutex(zk, '/a', { suspendedMaxMs }).acquire());
    const seen = new Promise<string>((resolve) => {
      lease.lost.addEventListener('abort', () => resolve(zk.state));
    });

    world.network.partition('client-1', 'server');
    world.cut();

    expect(await world.run(seen)).toBe(state);
  });

  it('is lost when somebody deletes its node', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lease = await world.run(mutex(ann, '/a').acquire());

    await world.run(bob.delete(lease.path));
    await world.pass(100);

    expect(lease.lost.reason).toMatchObject({ code: 'LOST', path: lease.path });
    expect((await world.failure(lease.transaction().create('/x').commit())).name).toBe('NoNodeError');
    await world.run(lease.release());
  });

  it('is lost when the session is replaced, and the next one is of the new session', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession' });
    const lock = mutex(zk, '/a');
    const lease = await world.run(lock.acquire());
    const waiting = lock.acquire();
    await world.pass(100);

    await endSession(world, zk);

    const next = await world.run(waiting);
    expect(lease.isHeld).toBe(false);
    expect(next.isHeld).toBe(true);
    const stat = await world.run(zk.exists(next.path));
    expect(stat?.ephemeralOwner).toBe(zk.sessionId);
    await world.run(lease.release());
    await world.run(next.release());
  });

  it('is lost as soon as the session is, however patient it is', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 9000 });
    const lease = await world.run(mutex(zk, '/a', { suspendedMaxMs: Number.POSITIVE_INFINITY }).acquire());
    const states: string[] = [];
    lease.lost.addEventListener('abort', () => void states.push(zk.state));

    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(20_000);

    expect(states).toEqual(['connecting']);
  });

  it('is never of a session before, whose nodes are there for a while yet', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 9000 });
    const bob = await world.client();
    await world.run(mutex(bob, '/a').run(() => {}));
    // The request arrives, the reply does not; nobody is reached until this side gives the session up.
    world.network.partitionOneWay('server', 'client-1');
    const acquiring = mutex(zk, '/a').acquire();
    while (zk.state !== 'connecting') await world.pass(10);
    expect((await world.run(bob.children('/a'))).names).toHaveLength(1);

    world.network.heal();
    const lease = await world.run(acquiring);

    expect((await world.run(bob.exists(lease.path)))?.ephemeralOwner).toBe(zk.sessionId);
    expect((await world.run(bob.children('/a'))).names).toHaveLength(1);
  });

  it('is not got by a place in the queue that a session before had', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 9000 });
    const bob = await world.client();
    const held = await world.run(mutex(bob, '/a').acquire());
    const waiting = mutex(zk, '/a').acquire();
    await world.pass(100);
    world.network.partitionOneWay('server', 'client-1');
    while (zk.state !== 'connecting') await world.pass(10);
    expect((await world.run(bob.children('/a'))).names).toHaveLength(2);

    await world.run(held.release());
    world.network.heal();
    const lease = await world.run(waiting);

    expect((await world.run(bob.exists(lease.path)))?.ephemeralOwner).toBe(zk.sessionId);
  });

  it('leaves no timer behind, and no node', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lease = await world.run(mutex(zk, '/a').acquire({ timeoutMs: 50_000_000 }));
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(100);
    world.network.heal();
    await world.run(zk.sync());
    await world.run(lease.release());
    await world.run(zk.close());

    world.network.cutPower('server');
    const before = world.runtime.clock.monotonic();
    world.runtime.clock.runUntilIdle(100_000_000);

    expect(world.runtime.clock.monotonic() - before).toBeLessThan(1_000_000);
  });

  it('ends with the session for good: who waits is told, and nothing hangs', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lock = mutex(zk, '/a');
    const lease = await world.run(lock.acquire());
    const waiting = world.caught(lock.acquire());
    await world.pass(100);

    await world.run(zk.close());

    expect((await waiting).name).toBe('ClosedError');
    expect(lease.lost.aborted).toBe(true);
    await world.run(lease.release());
    expect((await world.failure(lock.acquire())).name).toBe('ClosedError');
  });

  it('is not lost by being released', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lease = await world.run(mutex(zk, '/a').acquire());

    await world.run(lease.release());
    await world.run(lease.release());
    await world.pass(100);
    await world.run(zk.close());

    expect([lease.isHeld, lease.lost.aborted]).toEqual([false, false]);
  });

  it('guards a transaction, which happens only as long as it is held', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lease = await world.run(mutex(zk, '/a').acquire());

    const [, made] = await world.run(lease.transaction().create('/x', 'y').commit());

    expect(made.path).toBe('/x');
  });

  it('hears when somebody asks for it', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const asked: Lease[] = [];
    const lock = mutex(ann, '/a', { onRevoke: (lease) => void asked.push(lease) });
    const lease = await world.run(lock.acquire());
    const [holder] = await world.run(mutex(bob, '/a').participants());

    await world.run(revoke(bob, holder!.path));
    await world.pass(100);

    expect(asked).toEqual([lease]);
    await world.run(lease.release());
    await world.run(revoke(bob, holder!.path));
  });
});

async function endSession(world: World, zk: Client): Promise<void> {
  const thief = await world.client({ session: { id: zk.sessionId, password: zk.sessionPassword } });
  await world.run(thief.close());
  world.cut();
  await world.pass(1000);
}

function toldAt(world: World, lease: Lease): Promise<number> {
  return new Promise((resolve) => {
    lease.lost.addEventListener('abort', () => resolve(world.runtime.clock.monotonic()));
  });
}

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}
