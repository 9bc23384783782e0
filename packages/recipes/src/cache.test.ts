import { type Client, json, utf8 } from '@corral/client';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Cache, type CacheEvent, childrenCache, nodeCache, treeCache } from './index.ts';

describe('a tree cache', () => {
  it('holds a node and everything below it, and follows', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    for (const path of ['/a', '/a/b', '/a/b/c', '/a/d', '/x']) await world.run(other.create(path, path));
    const cache = await world.run(treeCache(zk, '/a', { codec: utf8 }));
    const events = listen(cache);
    expect(dump(cache)).toEqual({ '/a': '/a', '/a/b': '/a/b', '/a/b/c': '/a/b/c', '/a/d': '/a/d' });
    expect(cache.children().toSorted()).toEqual(['b', 'd']);

    await world.run(other.create('/a/e', 'new'));
    await world.run(other.set('/a/b/c', 'changed'));
    await world.run(other.delete('/a/d'));
    await world.run(other.delete('/a/b', { recursive: true }));
    await world.pass(100);

    expect(dump(cache)).toEqual({ '/a': '/a', '/a/e': 'new' });
    expect(cache.children()).toEqual(['e']);
    expect(events).toEqual([
      'created /a/e',
      'changed /a/b/c',
      'deleted /a/d',
      'deleted /a/b/c',
      'deleted /a/b',
    ]);
    await world.run(cache.close());
  });

  it('is empty where there is nothing, until there is', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const cache = await world.run(treeCache(zk, '/a'));
    expect([cache.size, cache.isFresh, cache.get()]).toEqual([0, true, undefined]);

    await world.run(zk.create('/a/b/c', 'x', { parents: true }));
    await world.pass(100);
    expect([...cache.nodes()].map(({ path }) => path)).toEqual(['/a', '/a/b', '/a/b/c']);
    await world.run(zk.delete('/a', { recursive: true }));
    await world.pass(100);
    expect(cache.size).toBe(0);
    await world.run(zk.create('/a', 'again'));
    await world.pass(100);
    expect(cache.size).toBe(1);
  });

  it('misses no change that comes right behind the answer to a read', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', '0'));
    const cache = await world.run(treeCache(zk, '/a', { codec: utf8 }));
    let count = 0;
    // Sent right behind the read that the cache asks for at the same event.
    await world.run(
      zk.subscribe('/a', () => {
        if (count < 50) void zk.set('/a', `${++count}`);
      }),
    );

    await world.run(zk.set('/a', 'first'));
    await world.pass(1000);

    expect([count, cache.get()?.data]).toEqual([50, '50']);
  });

  it('tells what changed while the connection was away', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    for (const path of ['/a', '/a/same', '/a/changed', '/a/gone', '/a/gone/below', '/a/other'])
      await world.run(other.create(path, '1'));
    const cache = await world.run(treeCache(zk, '/a', { codec: utf8 }));
    const events = listen(cache);
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(10);
    expect(cache.isFresh).toBe(false);

    await world.run(other.set('/a/changed', '2'));
    await world.run(other.delete('/a/gone', { recursive: true }));
    await world.run(other.create('/a/new', '1'));
    await world.run(other.delete('/a/other'));
    await world.run(other.create('/a/other', '1'));
    world.network.heal();
    await world.pass(1000);

    expect(events.toSorted()).toEqual(
      ['changed /a/changed', 'created /a/new', 'deleted /a/gone', 'deleted /a/gone/below']
        .concat(['created /a/other', 'deleted /a/other'])
        .toSorted(),
    );
    expect(cache.isFresh).toBe(true);
    expect(Object.keys(dump(cache)).toSorted()).toEqual([
      '/a',
      '/a/changed',
      '/a/new',
      '/a/other',
      '/a/same',
    ]);
  });

  it('goes on in the session that follows, and ends with a session that none follows', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 6000 });
    const last = await world.client();
    const other = await world.client();
    await world.run(other.create('/a', '1'));
    const cache = await world.run(treeCache(zk, '/a', { codec: utf8 }));
    const ending = await world.run(treeCache(last, '/a', { codec: utf8 }));
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(20_000);
    await world.run(other.create('/a/b', '1'));
    world.network.heal();
    await world.pass(5000);
    const over = world.caught(ending.changes().next());
    await world.run(last.close());

    expect(Object.keys(dump(cache))).toEqual(['/a', '/a/b']);
    await world.run(other.set('/a/b', '2'));
    await world.pass(100);
    expect(cache.get('/a/b')?.data).toBe('2');
    expect((await over).name).toBe('ClosedError');
    expect(ending.isFresh).toBe(false);
    await world.run(ending.close());
  });

  it('leaves out what it is told to, and what it cannot read', async () => {
    const world = await World.serving();
    const zk = await world.client();
    for (const path of ['/a', '/a/no', '/a/no/below', '/a/yes']) await world.run(zk.create(path, '1'));
    await world.run(zk.create('/a/bad', '{'));
    await world.run(zk.create('/a/bad/good', '3'));
    const failed: string[] = [];
    const cache = await world.run(
      treeCache(zk, '/a', {
        codec: json(anything),
        filter: (path) => path !== '/a/no',
        onError: (_, path) => void failed.push(path),
      }),
    );

    expect(dump(cache)).toEqual({ '/a': 1, '/a/yes': 1, '/a/bad/good': 3 });
    expect(failed).toEqual(['/a/bad']);
    await world.run(zk.set('/a/bad', '2'));
    await world.pass(100);
    expect(cache.get('/a/bad')?.data).toBe(2);
  });

  it('is refused where it is larger than it may be, or where the time is up', async () => {
    const world = await World.serving();
    const zk = await world.client();
    for (const path of ['/a', '/a/b', '/a/c']) await world.run(zk.create(path, '1'));

    expect(await world.failure(treeCache(zk, '/a', { nodesMax: 2 }))).toMatchObject({ code: 'FULL' });
    world.network.partition('client-1', 'server');
    expect(await world.failure(treeCache(zk, '/a', { timeoutMs: 100 }))).toMatchObject({ code: 'TIMEOUT' });
  });

  it('ends its loops when it is closed', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', '1'));
    const cache = await world.run(treeCache(zk, '/a'));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const event of cache.changes()) seen.push(event.type);
    })();

    await world.run(zk.set('/a', '2'));
    await world.pass(100);
    await world.run(cache.close());
    await world.run(loop);
    await world.run(zk.set('/a', '3'));
    await world.pass(100);

    expect(seen).toEqual(['changed']);
    expect(new TextDecoder().decode(cache.get()!.data)).toBe('2');
  });
});

describe('a children cache', () => {
  it('holds the children of a node, without it and without what is below them', async () => {
    const world = await World.serving();
    const zk = await world.client();
    for (const path of ['/a', '/a/b', '/a/b/c']) await world.run(zk.create(path, path));
    const cache = await world.run(childrenCache(zk, '/a', { codec: utf8 }));

    await world.run(zk.create('/a/d', 'd'));
    await world.run(zk.set('/a/b/c', 'other'));
    await world.pass(100);

    expect(dump(cache)).toEqual({ '/a/b': '/a/b', '/a/d': 'd' });
    expect(cache.children().toSorted()).toEqual(['b', 'd']);
  });
});

describe('a node cache', () => {
  it('holds one node, there or not', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const cache = await world.run(nodeCache(zk, '/a', { codec: utf8 }));
    const events = listen(cache);

    await world.run(zk.create('/a', '1'));
    await world.pass(10);
    await world.run(zk.set('/a', '2'));
    await world.pass(10);
    await world.run(zk.create('/a/b', '1'));
    await world.run(zk.delete('/a', { recursive: true }));
    await world.pass(10);

    expect(events).toEqual(['created /a', 'changed /a', 'deleted /a']);
  });
});

describe.each(Array.from({ length: 10 }, (_, i) => i + 1))(
  'whatever happens to the connection (seed %i)',
  (seed) => {
    it('a cache comes to hold what is there, and its events say how', async () => {
      const random = new SimulatedRandom(seed);
      const world = new World(seed, { latency: { minMs: 0, maxMs: 3 } });
      await world.start();
      const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 6000 });
      const other = await world.client();
      await world.run(other.create('/t', ''));
      const cache = await world.run(treeCache(zk, '/t', { codec: utf8 }));
      const told = new Map<string, string>();
      told.set('/t', '');
      cache.onChange((event) => {
        if (event.type === 'deleted') told.delete(event.previous.path);
        else if (event.type !== 'reset') told.set(event.node.path, event.node.data);
      });

      for (let i = 0; i < 150; i++) {
        await world.run(change(other, random).catch(() => {}));
        if (random.below(10) === 0) await fault(world, random);
      }
      world.network.heal();
      await world.pass(20_000);

      const real = await world.run(treeOf(other));
      expect(dump(cache)).toEqual(real);
      expect(Object.fromEntries(told)).toEqual(real);
    });
  },
);

async function treeOf(zk: Client): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for await (const { path } of zk.walk('/t')) tree[path] = (await zk.get(path, utf8)).data;
  return tree;
}

function change(zk: Client, random: Random): Promise<unknown> {
  const path = `/t/${random.below(4)}${random.below(2) === 0 ? '' : `/${random.below(4)}`}`;
  const data = String(random.below(1000));
  switch (random.below(4)) {
    case 0:
      return zk.delete(path, { recursive: true });
    case 1:
      return zk.set(path, data);
    default:
      return zk.create(path, data, { parents: true });
  }
}

async function fault(world: World, random: Random): Promise<void> {
  if (random.below(2) === 0) return world.cut();
  world.network.partition('client-1', 'server');
  if (random.below(2) === 0) world.cut();
  await world.pass(random.below(3) === 0 ? 15_000 : 300);
  if (random.below(2) === 0) world.network.heal();
}

function listen(cache: Cache<string>): string[] {
  const events: string[] = [];
  cache.onChange((event: CacheEvent<string>) => {
    if (event.type === 'deleted') events.push(`deleted ${event.previous.path}`);
    else if (event.type !== 'reset') events.push(`${event.type} ${event.node.path}`);
  });
  return events;
}

function dump<T>(cache: Cache<T>): Record<string, unknown> {
  return Object.fromEntries([...cache.nodes()].map(({ path, data }) => [path, data]));
}

const anything = {
  '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value }) },
} as const;
