import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { semaphore, semaphoreMutex } from './index.ts';

describe('a semaphore', () => {
  it('gives so many permits and no more, in the order they were asked for', async () => {
    const world = await World.serving();
    const clients = [1, 2, 3, 4, 5, 6].map(() => world.open());
    let inside = 0;
    let most = 0;
    const order: number[] = [];

    const work = clients.map(async (zk, number) => {
      await using permit = await semaphore(zk, '/s', 2).acquire();
      expect(permit.isHeld).toBe(true);
      order.push(number);
      most = Math.max(most, ++inside);
      await new Promise<void>((resolve) => void zk.clock.after(50, resolve));
      inside--;
    });
    await world.run(Promise.all(work));

    expect(most).toBe(2);
    expect(new Set(order).size).toBe(6);
    expect((await world.run(clients[0]!.children('/s/leases'))).names).toEqual([]);
    expect((await world.run(clients[0]!.children('/s/locks'))).names).toEqual([]);
  });

  it('has its nodes where Curator has them', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const permit = await world.run(semaphore(zk, '/s', 2, { data: 'me' }).acquire());

    expect(permit.path).toMatch(/^\/s\/leases\/_c_[-0-9a-f]{36}-lease-0000000000$/);
    expect(await world.run(semaphore(zk, '/s', 2).participants())).toMatchObject([{ path: permit.path }]);
  });

  it('gives many at once, or none', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const three = semaphore(zk, '/s', 3);
    const two = await world.run(three.acquireMany(2));

    const late = await world.failure(three.acquireMany(2, { timeoutMs: 100 }));
    await world.pass(10);

    expect(late).toMatchObject({ code: 'TIMEOUT', path: '/s' });
    expect((await world.run(three.participants())).length).toBe(2);
    await world.run(two.release());
    await world.run(three.acquireMany(3));
    expect(await world.run(three.tryAcquire())).toBeNull();
    await world.pass(10);
    expect((await world.run(three.participants())).length).toBe(3);
  });

  it('gives the permits of a session that has ended to others', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const held = await world.run(semaphore(ann, '/s', 1).acquire());
    const waiting = semaphore(bob, '/s', 1).acquire();
    await world.pass(10);

    await world.run(ann.close());

    const permit = await world.run(waiting);
    expect(permit.fencingToken).toBeGreaterThan(held.fencingToken);
    expect(held.lost.aborted).toBe(true);
  });

  it('survives a connection lost at each of its steps', async () => {
    for (const afterMs of [0, 1, 2, 3, 4, 5, 6]) {
      const world = new World(afterMs + 1, { latency: { minMs: 1, maxMs: 1 } });
      await world.start();
      const zk = await world.client();
      const acquiring = semaphore(zk, '/s', 1).acquire();
      await world.pass(afterMs);
      world.network.partitionOneWay('server', 'client-1');
      await world.pass(5);
      world.cut();
      world.network.heal();

      await world.run(acquiring);

      expect((await world.run(zk.children('/s/leases'))).names).toHaveLength(1);
      await world.pass(10);
      expect((await world.run(zk.children('/s/locks'))).names).toHaveLength(0);
    }
  });
});

describe('a semaphore mutex', () => {
  it('is held once', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lock = semaphoreMutex(zk, '/s');

    await world.run(
      lock.run(async () => {
        expect(await lock.tryAcquire()).toBeNull();
        expect(await lock.participants()).toHaveLength(1);
      }),
    );

    expect(await world.run(lock.tryAcquire())).not.toBeNull();
  });
});
