import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import type { Client, SessionState, WatchEvent } from './index.ts';
import { utf8 } from './index.ts';

describe('a watch', () => {
  it('tells what happens to a node, in order', async () => {
    const { world, zk, other } = await twoClients();
    const watch = zk.watch('/a');
    await world.run(watch.ready);

    const { stat } = await world.run(other.create('/a', ''));
    await world.run(other.create('/a/b', ''));
    await world.run(other.set('/a', 'x'));
    await world.run(other.delete('/a', { recursive: true }));

    expect(await world.run(take(watch, 5))).toEqual([
      'created /a',
      'childrenChanged /a',
      'changed /a',
      'childrenChanged /a',
      'deleted /a',
    ]);
    expect(stat.czxid).toBeGreaterThan(0n);
  });

  it('that is recursive tells of everything below, without the news of children', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/app', ''));
    const watch = zk.at('/app').watch('/', { recursive: true });
    await world.run(watch.ready);

    await world.run(other.create('/app/x/y', '', { parents: true }));
    await world.run(other.set('/app/x/y', '1'));
    await world.run(other.create('/elsewhere', ''));
    await world.run(other.delete('/app/x/y'));

    expect(await world.run(take(watch, 4))).toEqual([
      'created /x',
      'created /x/y',
      'changed /x/y',
      'deleted /x/y',
    ]);
  });

  it('comes before the result of a later read', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/a', '0'));
    const order: string[] = [];
    await world.run(zk.subscribe('/a', ({ type }) => void order.push(type)));
    const { changed } = await world.run(zk.once.get('/a'));
    void changed.then(() => order.push('once'));

    await world.run(other.set('/a', '1'));
    await world.run(zk.get('/a', utf8).then(({ data }) => order.push(data)));

    expect(order).toEqual(['changed', 'once', '1']);
  });

  it('is taken away, here and at the server, when its loop is left', async () => {
    const { world, zk, other } = await twoClients();
    const loop = async (): Promise<string> => {
      for await (const { type } of zk.watch('/a')) return type;
      return 'none';
    };
    const seen = loop();
    await world.run(zk.sync());
    expect(world.server.view.watches.watchCount).toBe(1);

    await world.run(other.create('/a', ''));

    expect(await world.run(seen)).toBe('created');
    expect(world.server.view.watches.watchCount).toBe(0);
  });

  it('stands again after the connection was lost, and says that something may have been missed', async () => {
    const { world, zk, other } = await twoClients();
    const watch = zk.watch('/a');
    await world.run(watch.ready);

    world.cut();
    await world.run(other.create('/a', ''));
    await world.run(zk.sync());
    await world.run(other.set('/a', 'x'));

    expect(await world.run(take(watch, 2))).toEqual(['resync /a', 'changed /a']);
  });

  it('stands again in a new session', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 6000 });
    const watch = zk.watch('/a');
    const { changed } = await world.run(zk.once.exists('/b'));
    await world.run(watch.ready);
    const id = zk.sessionId;

    world.network.partition('client-1', 'server');
    await world.pass(20_000);
    world.network.heal();
    await world.run(zk.create('/a', ''));

    expect(zk.sessionId).not.toBe(id);
    expect(await world.run(changed)).toEqual({ type: 'resync', path: '/b' });
    expect(await world.run(take(watch, 2))).toEqual(['resync /a', 'created /a']);
  });

  it('ends with the session', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const watch = zk.watch('/a');
    const { changed } = await world.run(zk.once.exists('/b'));
    const next = world.failure(watch.next());

    await world.run(zk.close());

    expect((await next).name).toBe('ClosedError');
    expect((await world.failure(changed)).name).toBe('ClosedError');
    expect(() => zk.watch('relative')).toThrow(RangeError);
  });

  it('ends with its signal', async () => {
    const { world, zk } = await twoClients();
    const abort = new AbortController();
    const watch = zk.watch('/a', { signal: abort.signal });
    await world.run(watch.ready);
    const next = watch.next();

    abort.abort(new Error('enough'));

    expect((await world.failure(next)).message).toBe('enough');
    await world.run(zk.sync());
    expect(world.server.view.watches.watchCount).toBe(0);
  });

  it('that nobody takes from keeps so many events, and then says that some were missed', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/a', ''));
    const watch = zk.watch('/a');
    await world.run(watch.ready);

    await world.run(Promise.all(Array.from({ length: 10_002 }, () => other.set('/a', ''))));

    expect(await world.run(take(watch, 2))).toEqual(['resync /a', 'changed /a']);
  });
});

describe('a watch that is closed', () => {
  it('before the server has it is taken away there too', async () => {
    const { world, zk } = await twoClients();
    await world.run(zk.create('/a', ''));

    const early = zk.watch('/a');
    void early.close();
    const abort = new AbortController();
    const aborted = zk.watch('/a', { recursive: true, signal: abort.signal });
    abort.abort(new Error('enough'));
    await world.failure(aborted.ready);
    await world.run(zk.sync());
    await world.run(zk.sync());

    expect(world.server.view.watches.watchCount).toBe(0);
  });

  it('takes away none that was just set on the same node', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/a', ''));
    const first = zk.watch('/a');
    await world.run(first.ready);

    const second = zk.watch('/a');
    const third = zk.once.get('/a');
    void first.close();
    await world.run(second.ready);
    await world.run(zk.sync());
    await world.run(other.set('/a', 'x'));

    expect(await world.run(take(second, 1))).toEqual(['changed /a']);
    expect(text(await world.run((await world.run(third)).changed))).toBe('changed /a');
  });
});

describe('a one-shot watch', () => {
  it('that nobody waits for any more leaves nothing behind here', async () => {
    const { world, zk, other } = await twoClients();
    const told: string[] = [];
    for (let i = 0; i < 100; i++) {
      const seen = await world.run(zk.once.exists('/a'));
      void seen.changed.then(({ type }) => told.push(type));
      seen.forget();
    }
    const { changed } = await world.run(zk.once.exists('/a'));

    await world.run(other.create('/a', ''));

    expect(text(await world.run(changed))).toBe('created /a');
    expect(told).toEqual([]);
  });

  it('is taken from the server, too, where nobody else waits for the same', async () => {
    const world = await World.serving({ fourLetterWordWhitelist: ['*'] });
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'));
    const count = async (): Promise<string | undefined> =>
      /^zk_watch_count\t(\d+)$/m.exec(await world.run(zk.command('mntr')))?.[1];
    const first = await world.run(zk.once.get('/a'));
    const second = await world.run(zk.once.get('/a'));
    const children = await world.run(zk.once.children('/a'));

    await world.run(first.remove());
    const afterFirst = await count();
    await world.run(second.remove());
    const afterSecond = await count();
    await world.run(children.remove());

    expect([afterFirst, afterSecond, await count()]).toEqual(['2', '1', '0']);
    await world.run(children.remove());
  });

  it('tells the first change of what was read', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/a', 'x'));

    const data = await world.run(zk.once.get('/a', utf8));
    const children = await world.run(zk.once.children('/a'));
    const absent = await world.run(zk.once.exists('/b'));
    await world.run(other.set('/a', 'y'));
    await world.run(other.create('/a/c', ''));
    await world.run(other.create('/b', ''));

    expect(data.value.data).toBe('x');
    expect(absent.value).toBeNull();
    const events = await world.run(Promise.all([data.changed, children.changed, absent.changed]));
    expect(events.map(text)).toEqual(['changed /a', 'childrenChanged /a', 'created /b']);
  });

  it('tells what happened while the connection was lost', async () => {
    const { world, zk, other } = await twoClients();
    await world.run(zk.create('/a', 'x'));
    const { changed } = await world.run(zk.once.get('/a'));
    const absent = await world.run(zk.once.exists('/b'));

    world.cut();
    await world.run(other.delete('/a'));
    await world.run(other.create('/b', ''));

    expect(text(await world.run(changed))).toBe('deleted /a');
    expect(text(await world.run(absent.changed))).toBe('created /b');
  });

  it('is set again with ten thousand others in one round trip, in requests of a bounded size', async () => {
    const world = new World(1, { latency: { minMs: 50, maxMs: 50 }, windowBytes: 4 * 1024 * 1024 });
    await world.start();
    const { zk, other } = { zk: await world.client(), other: await world.client() };
    const paths = Array.from({ length: 10_000 }, (_, i) => `/a-node-with-quite-a-long-name-${i}`);
    const seen = await world.run(Promise.all(paths.map((path) => zk.once.exists(path))));
    await world.run(zk.watch('/', { recursive: true }).ready);
    const connected = nextState(zk, 'connected');

    world.cut();
    await world.run(connected);
    const since = world.runtime.clock.monotonic();
    await world.run(zk.sync());

    // The sync was sent behind all of them: 100 ms are one way there and one back.
    expect(world.runtime.clock.monotonic() - since).toBeLessThan(150);
    expect(world.server.view.watches.watchCount).toBe(10_001);
    await world.run(other.create(paths[9999]!, ''));
    expect(text(await world.run(seen[9999]!.changed))).toBe(`created ${paths[9999]}`);
  });
});

async function twoClients(): Promise<{ world: World; zk: Client; other: Client }> {
  const world = await World.serving();
  return { world, zk: await world.client(), other: await world.client() };
}

/** Of the state from now on. */
function nextState(zk: Client, state: SessionState): Promise<void> {
  return new Promise((resolve) => zk.onState((now) => (now === state ? resolve() : undefined)));
}

async function take(watch: AsyncIterator<WatchEvent>, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) events.push(text((await watch.next()).value as WatchEvent));
  return events;
}

function text({ type, path }: WatchEvent): string {
  return `${type} ${path}`;
}
