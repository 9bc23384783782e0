import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Lease, readWriteLock } from './index.ts';

describe('a read-write lock', () => {
  it('has many readers or one writer', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const [one, two] = [readWriteLock(ann, '/a'), readWriteLock(bob, '/a')];
    const readers = await world.run(Promise.all([one.read.acquire(), two.read.acquire()]));

    expect(await world.run(two.write.tryAcquire())).toBeNull();
    const writing = one.write.acquire();
    await world.run(readers[0].release());
    await world.pass(10);
    await world.run(readers[1].release());
    const writer = await world.run(writing);

    expect(await world.run(two.read.tryAcquire())).toBeNull();
    await world.run(writer.release());
    expect((await world.run(two.read.tryAcquire()))?.path).toMatch(/\/a\/_c_[-0-9a-f]{36}-__READ__\d{10}$/);
  });

  it('lets no later reader past a writer who waits', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const lock = readWriteLock(zk, '/a');
    const order: string[] = [];
    const note =
      (name: string) =>
      (lease: Lease): Promise<void> => {
        order.push(name);
        return lease.release();
      };
    const first = await world.run(lock.read.acquire());
    const writer = lock.write.acquire().then(note('writer'));
    await world.pass(10);
    const reader = lock.read.acquire().then(note('reader'));
    await world.pass(10);

    await world.run(first.release());
    await world.run(Promise.all([writer, reader]));

    expect(order).toEqual(['writer', 'reader']);
  });

  it('lets a writer become a reader with no other writer between', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const [one, two] = [readWriteLock(ann, '/a'), readWriteLock(bob, '/a')];
    const writer = await world.run(one.write.acquire());
    const other = two.write.acquire();
    await world.pass(10);

    const reader = await world.run(one.read.acquire({ under: writer }));
    await world.run(writer.release());
    await world.pass(10);

    expect((await world.run(one.write.participants())).length).toBe(1);
    expect((await world.run(one.read.participants()))[0]?.path).toBe(reader.path);
    await world.run(reader.release());
    expect((await world.run(other)).isHeld).toBe(true);
    await expect(async () => one.read.acquire({ under: writer })).rejects.toThrow(RangeError);
  });

  it('speaks with kazoo, and sees who speaks with Curator', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const python = readWriteLock(zk, '/a', { naming: 'kazoo' });
    const reader = await world.run(python.read.acquire());
    expect(reader.path).toMatch(/\/a\/[0-9a-f]{32}__rlock__\d{10}$/);

    expect(await world.run(readWriteLock(zk, '/a').write.tryAcquire())).toBeNull();
    expect((await world.run(readWriteLock(zk, '/a').read.tryAcquire()))?.isHeld).toBe(true);
  });

  it('wakes readers when the last writer in front of them goes, and nobody before', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const fired: string[] = [];
    const other = await world.client({ observer: { watchFired: (_, path) => void fired.push(path) } });
    const lock = readWriteLock(zk, '/a');
    const first = await world.run(lock.write.acquire());
    const second = lock.write.acquire();
    await world.pass(10);
    const readers = [1, 2].map(() => readWriteLock(other, '/a').read.acquire());
    await world.pass(10);

    await world.run(first.release());
    const writer = await world.run(second);
    await world.pass(10);
    expect(fired).toEqual([]);
    await world.run(writer.release());
    await world.run(Promise.all(readers));

    expect(new Set(fired)).toEqual(new Set([writer.path]));
  });
});
