import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { mutex, reentrantMutex } from './index.ts';

describe('a reentrant mutex', () => {
  it('lets its owner in again, and is released with the last hold', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lock = reentrantMutex(ann, '/a');
    const owner = {};

    const outer = await world.run(lock.acquire({ owner }));
    const inner = await world.run(lock.acquire({ owner }));
    expect(inner.lease).toBe(outer.lease);
    expect(await world.run(lock.tryAcquire({ owner: {} }))).toBeNull();
    await world.run(outer.release());
    await world.run(outer.release());
    expect(await world.run(mutex(bob, '/a').tryAcquire())).toBeNull();
    await world.run(inner.release());

    expect(await world.run(mutex(bob, '/a').tryAcquire())).not.toBeNull();
  });

  it('takes the owner from the line of work, where it is told how', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const storage = new AsyncLocalStorage<object>();
    const lock = reentrantMutex(zk, '/a', { owner: () => storage.getStore() });
    const order: string[] = [];
    const line = (name: string): Promise<void> =>
      storage.run({}, () =>
        lock.run(() =>
          lock.run(async () => {
            order.push(name);
            await zk.sync();
            order.push(name);
          }),
        ),
      );

    await world.run(Promise.all([line('a'), line('b')]));

    expect(order).toEqual(['a', 'a', 'b', 'b']);
  });

  it('lets nobody in again who is nobody', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lock = reentrantMutex(zk, '/a');
    await world.run(lock.acquire());

    expect(await world.run(lock.tryAcquire())).toBeNull();
  });

  it('makes its owner wait like anybody when the lease was lost', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lock = reentrantMutex(ann, '/a');
    const lost = await world.run(lock.acquire({ owner: 'me' }));
    await world.run(bob.delete(lost.lease.path));
    await world.pass(10);

    const again = await world.run(lock.acquire({ owner: 'me' }));
    await world.run(lost.release());

    expect(again.lease.isHeld).toBe(true);
    expect(again.lease.fencingToken).toBeGreaterThan(lost.lease.fencingToken);
  });
});
