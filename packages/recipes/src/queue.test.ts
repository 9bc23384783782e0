import { utf8 } from '@corral/client';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  delayQueue,
  idQueue,
  kazooLockingQueue,
  kazooQueue,
  priorityQueue,
  queue,
  type Queue,
  simpleQueue,
} from './index.ts';

describe('a queue', () => {
  it('hands out in order what was put, each item once', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const jobs = queue(ann, '/q/jobs', utf8);
    for (let i = 0; i < 6; i++) await world.run(jobs.put(`${i}`));
    expect(await world.run(jobs.size())).toBe(6);

    const got: string[] = [];
    for (let i = 0; i < 6; i++) {
      const { value } = await world.run(queue(i % 2 === 0 ? ann : bob, '/q/jobs', utf8).take());
      got.push(value);
    }

    expect(got).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(await world.run(jobs.tryTake())).toBeNull();
    expect(await world.run(jobs.size())).toBe(0);
  });

  it('writes items as Curator does, also many in one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const path = await world.run(queue(zk, '/q', utf8).putMany(['ab', '', 'c']));
    const { data } = await world.run(zk.get(path));

    expect(path).toBe('/q/queue-0000000000');
    expect(Buffer.from(data).toString('hex')).toBe('0001000101000000026162010000000001000000016302');
    const item = await world.run(queue(zk, '/q', utf8).take());
    expect([item.value, item.values]).toEqual(['ab', ['ab', '', 'c']]);
  });

  it('refuses what is no item, and leaves it where it is safe', async () => {
    const world = await World.serving();
    const zk = await world.client();
    for (const hex of [
      '',
      '0001000102',
      '00010001017fffffff02',
      '000100010100000001',
      '0001000103',
      '00010002',
    ])
      await world.run(zk.create('/q/queue-', Buffer.from(hex, 'hex'), { sequential: true, parents: true }));
    const safe = queue(zk, '/q', utf8, { lockPath: '/locks' });
    await world.run(zk.create('/locks'));

    expect((await world.failure(safe.take())).name).toBe('DataError');
    await world.pass(10);
    expect(await world.run(safe.size())).toBe(6);
    expect((await world.run(zk.children('/locks'))).names).toEqual([]);
  });

  it('goes on behind a bad item where it is told to', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/q/queue-', 'bad', { sequential: true, parents: true }));
    const bad: string[] = [];
    const onBadItem = (_: unknown, path: string): void => void bad.push(path);
    const safe = queue(zk, '/q', utf8, { lockPath: '/locks', onBadItem });
    await world.run(safe.put('good'));

    const item = await world.run(safe.take());
    await world.run(item.done());
    expect(await world.run(safe.tryTake())).toBeNull();

    expect([item.value, bad]).toEqual(['good', ['/q/queue-0000000000']]);
    expect(await world.run(safe.size())).toBe(1);
  });

  it('lets who takes wait, and give up', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    expect(await world.failure(queue(ann, '/q', utf8).take({ timeoutMs: 100 }))).toMatchObject({
      code: 'TIMEOUT',
    });
    const waiting = queue(ann, '/q', utf8).take();
    await world.pass(100);

    await world.run(queue(bob, '/q', utf8).put('x'));

    expect((await world.run(waiting)).value).toBe('x');
  });

  it('lets who puts wait while it is full', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const narrow = queue(zk, '/q', utf8, { itemsMax: 2 });
    await world.run(narrow.put('1'));
    await world.run(narrow.put('2'));
    expect(await world.failure(narrow.put('3', { timeoutMs: 100 }))).toMatchObject({ code: 'TIMEOUT' });
    const putting = narrow.put('3');
    await world.pass(100);
    expect(await world.run(narrow.size())).toBe(2);

    await world.run(narrow.take());

    await world.run(putting);
  });

  it('gives what it took on a lost connection, rather than nothing', async () => {
    for (const fault of ['partition', 'partitionOneWay'] as const)
      for (let afterMs = 0; afterMs < 8; afterMs++) {
        const world = new World(afterMs + 1, { latency: { minMs: 1, maxMs: 1 } });
        await world.start();
        const zk = await world.client();
        await world.run(queue(zk, '/q', utf8).put('x'));
        const taking = queue(zk, '/q', utf8).take();
        await world.pass(afterMs);
        world.network[fault]('server', 'client-1');
        await world.pass(5);
        world.cut();
        world.network.heal();

        expect((await world.run(taking)).value).toBe('x');
        expect(await world.run(queue(zk, '/q', utf8).size())).toBe(0);
      }
  });
});

describe('a safe queue', () => {
  it('keeps an item until it is done, and gives it to another when its consumer is gone', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client({ sessionTimeout: 6000 }), await world.client()];
    const mine = queue(ann, '/q', utf8, { lockPath: '/locks' });
    const theirs = queue(bob, '/q', utf8, { lockPath: '/locks' });
    await world.run(mine.put('1'));
    await world.run(mine.put('2'));
    const first = await world.run(mine.take());
    expect(first.value).toBe('1');
    const second = await world.run(theirs.take());
    expect(second.value).toBe('2');
    expect(await world.run(theirs.tryTake())).toBeNull();
    await world.run(second.done());
    await world.run(second.done());
    const waiting = theirs.take();
    await world.pass(100);

    world.network.partition('client-1', 'server');
    const again = await world.run(waiting);

    expect(again.value).toBe('1');
    expect(first.lost.aborted).toBe(true);
    expect(await world.failure(first.done())).toMatchObject({ code: 'LOST' });
    await world.run(again.done());
    expect(await world.run(theirs.size())).toBe(0);
    expect((await world.run(bob.children('/locks'))).names).toEqual([]);
  });

  it('lets the lock alone that another has taken of the same item', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const jobs = queue(ann, '/q', utf8, { lockPath: '/locks' });
    await world.run(jobs.put('1'));
    const item = await world.run(jobs.take());
    const { names } = await world.run(bob.children('/locks'));
    // The connection is lost while it is done: nobody knows yet that it was.
    world.network.partitionOneWay('server', 'client-1');
    const doing = item.done();
    await world.pass(5);
    await world.run(bob.create(`/locks/${names[0]}`, 'bob', { mode: 'ephemeral' }));
    world.cut();
    world.network.heal();

    await world.run(doing);
    await world.run(item.release());
    await world.pass(10);

    expect((await world.run(bob.children('/locks'))).names).toEqual(names);
  });

  it('gives back what was not done when the loop goes on', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const jobs = queue(zk, '/q', utf8, { lockPath: '/locks' });
    for (const name of ['a', 'b']) await world.run(jobs.put(name));
    const seen: string[] = [];

    await world.run(
      (async () => {
        for await (const item of jobs.consume()) {
          seen.push(item.value);
          if (seen.length > 1) await item.done();
          if (seen.length === 3) break;
        }
      })(),
    );

    expect(seen).toEqual(['a', 'a', 'b']);
    expect(await world.run(jobs.size())).toBe(0);
  });

  it.each(Array.from({ length: 10 }, (_, i) => i + 1))(
    'sees to each item, whatever happens to the connections (seed %i)',
    async (seed) => {
      const random = new SimulatedRandom(seed);
      const world = new World(seed, { latency: { minMs: 0, maxMs: 3 } });
      await world.start({ tickTime: 500 });
      const producer = await world.client();
      const jobs = queue(producer, '/q', utf8, { lockPath: '/locks' });
      for (let i = 0; i < 12; i++) await world.run(jobs.put(`${i}`));
      const consumers = [1, 2, 3].map(() => world.open({ sessionTimeout: 3000, onExpired: 'newSession' }));
      const done: string[] = [];
      const all = consumers.map((zk) => consume(queue(zk, '/q', utf8, { lockPath: '/locks' }), done));
      await world.strikeUntil(Promise.all(all), () => strike(world, random));

      // Done, or done and the answer lost: never left, never twice by word of `done`.
      expect(await world.run(jobs.size())).toBe(0);
      expect(new Set(done).size).toBe(done.length);
    },
  );
});

describe('the other queues', () => {
  it('hand out the most urgent first', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const urgent = priorityQueue(zk, '/q', utf8);
    for (const priority of [3, -1, 0, 0x7fff_ffff, -0x8000_0000])
      await world.run(urgent.put(`${priority}`, { priority }));
    expect((await world.run(zk.children('/q'))).names).toContain('queue-0FFFFFFFF0000000001');

    expect(await takeAll(world, urgent)).toEqual(['-2147483648', '-1', '0', '3', '2147483647']);
    expect(() => urgent.put('x', { priority: 1.5 })).toThrow(RangeError);
  });

  it('hand out nothing before its time', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const later = delayQueue(zk, '/q', utf8);
    await world.run(later.put('second', { delayMs: 5000 }));
    await world.run(later.put('first', { delayMs: 1000 }));
    expect(await world.run(later.tryTake())).toBeNull();
    const start = world.runtime.clock.monotonic();

    expect((await world.run(later.take())).value).toBe('first');
    const [one, two] = [world.runtime.clock.monotonic(), (await world.run(later.take())).value];

    expect([one - start >= 990, one - start < 2000, two]).toEqual([true, true, 'second']);
  });

  it('remove by id what nobody has taken', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const named = idQueue(zk, '/q', utf8);
    await world.run(named.put('1', { id: 'a/b' }));
    await world.run(named.put('2', { id: 'c' }));
    await world.run(named.put('3', { id: 'a/b' }));
    expect((await world.run(zk.children('/q'))).names).toContain('queue-|a_b|0000000000');

    expect(await world.run(named.remove('a/b'))).toBe(2);
    expect(await takeAll(world, named)).toEqual(['2']);
    expect(() => named.put('x')).toThrow(TypeError);
  });

  it('are written as their namesakes write them', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(await world.run(simpleQueue(zk, '/simple', utf8).put('x'))).toBe('/simple/qn-0000000000');
    expect(await world.run(kazooQueue(zk, '/kazoo', utf8).put('x'))).toBe('/kazoo/entry-100-0000000000');
    const locking = kazooLockingQueue(zk, '/locking', utf8);
    expect(await world.run(locking.put('x', { priority: 7 }))).toBe('/locking/entries/entry-007-0000000000');
    const item = await world.run(locking.take());
    expect((await world.run(zk.children('/locking/taken'))).names).toEqual(['entry-007-0000000000']);
    await world.run(item.done());
    expect((await world.run(zk.children('/locking/taken'))).names).toEqual([]);
    expect((await world.run(simpleQueue(zk, '/simple', utf8).take())).value).toBe('x');
  });
});

async function takeAll(world: World, from: Queue<string>): Promise<string[]> {
  const values: string[] = [];
  for (;;) {
    const item = await world.run(from.tryTake());
    if (item === null) return values;
    values.push(item.value);
  }
}

async function consume(from: Queue<string>, done: string[]): Promise<void> {
  for (;;) {
    const item = await from.take({ timeoutMs: 20_000 }).catch((error: Error) => error);
    if (item instanceof Error) {
      if ('code' in item && item.code === 'TIMEOUT') return;
      continue;
    }
    const isDone = await item.done().then(
      () => true,
      () => false,
    );
    if (isDone) done.push(item.path);
    else await item.release();
  }
}

async function strike(world: World, random: Random): Promise<void> {
  await world.pass(random.below(30));
  const index = 2 + random.below(3);
  if (random.below(2) === 0) world.network.partitionOneWay('server', `client-${index}`);
  else world.network.partition('server', `client-${index}`);
  await world.pass(random.below(8) === 0 ? 5000 : random.below(20));
  world.cut(index);
  world.network.heal();
}
