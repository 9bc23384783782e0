import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  atomicLong,
  barrier,
  doubleBarrier,
  joinGroup,
  mutex,
  persistentNode,
  queue,
  semaphore,
  sharedCount,
  treeCache,
} from './index.ts';
import { utf8 } from '@corral/client';

describe('a view whose root is not there', () => {
  it.each(['/', '/below/it'])('is told of by each recipe, and nothing waits for it (at %s)', async (path) => {
    const world = await World.serving();
    const zk = (await world.client()).at('/none');
    const inside = path === '/' ? '/x' : path;

    const attempts = [
      mutex(zk, path).acquire(),
      semaphore(zk, path, 1).acquire(),
      doubleBarrier(zk, path, 1).enter(),
      barrier(zk, inside).set(),
      sharedCount(zk, inside).get(),
      atomicLong(zk, inside).increment(),
      queue(zk, inside, utf8).put('x'),
      queue(zk, inside, utf8, { lockPath: '/locks' }).take(),
      persistentNode(zk, inside).ready(),
      joinGroup(zk, path),
    ];
    const errors = await world.run(Promise.all(attempts.map((attempt) => world.caught(attempt))));

    expect(errors.map(({ name }) => name)).toEqual(attempts.map(() => 'NoNodeError'));
    expect((await world.run(treeCache(zk, path))).size).toBe(0);
  });

  it('is what it is once it is there, and recipes work below it', async () => {
    const world = await World.serving();
    const all = await world.client();
    await world.run(all.create('/app'));
    const zk = all.at('/app');

    const lease = await world.run(mutex(zk, '/a/lock').acquire());

    expect(lease.path).toMatch(/^\/a\/lock\//);
    expect((await world.run(all.children('/app/a/lock'))).names).toEqual([
      lease.path.slice('/a/lock/'.length),
    ]);
    await world.run(lease.transaction().create('/x').commit());
    await world.run(lease.release());
    expect(await world.run(all.exists('/app/x'))).not.toBeNull();
  });
});
