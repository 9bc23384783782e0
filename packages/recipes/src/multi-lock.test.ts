import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { multiLock, mutex } from './index.ts';

describe('a multi-lock', () => {
  it('is held whole or not at all', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const both = multiLock(ann, [mutex(ann, '/a'), mutex(ann, '/b')]);
    const held = await world.run(mutex(bob, '/b').acquire());

    expect(await world.run(both.tryAcquire())).toBeNull();
    expect(await world.failure(both.acquire({ timeoutMs: 100 }))).toMatchObject({
      code: 'TIMEOUT',
      path: '/a, /b',
    });
    await world.pass(10);
    await world.run((await world.run(mutex(bob, '/a').tryAcquire()))!.release());
    await world.run(held.release());
    const lease = await world.run(both.acquire());

    expect(lease.isHeld).toBe(true);
    expect(lease.leases.map(({ path }) => path.slice(0, 2))).toEqual(['/a', '/b']);
  });

  it('is lost with the first of its locks, and released with all of them', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const lease = await world.run(multiLock(ann, [mutex(ann, '/a'), mutex(ann, '/b')]).acquire());

    await world.run(bob.delete(lease.leases[1]!.path));
    await world.pass(10);

    expect([lease.isHeld, lease.lost.aborted]).toEqual([false, true]);
    await world.run(lease.release());
    expect(await world.run(mutex(bob, '/a').tryAcquire())).not.toBeNull();
  });
});
