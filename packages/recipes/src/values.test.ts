import { utf8 } from '@corral/client';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  atomicLong,
  atomicValue,
  decimal,
  int32,
  int64,
  semaphore,
  sharedCount,
  sharedValue,
} from './index.ts';

describe('the numbers', () => {
  it('are written as Java and Python write them', () => {
    expect([...int32.encode(-2)]).toEqual([255, 255, 255, 254]);
    expect([...int64.encode(258n)]).toEqual([0, 0, 0, 0, 0, 0, 1, 2]);
    expect([...decimal.encode(-42n)]).toEqual([45, 52, 50]);
    expect(int32.decode(int32.encode(-2), '/')).toBe(-2);
    expect(int64.decode(int64.encode(-2n), '/')).toBe(-2n);
    expect(decimal.decode(decimal.encode(-2n), '/')).toBe(-2n);
  });

  it('are not made of anything else', () => {
    expect(() => int32.encode(2 ** 31)).toThrow(RangeError);
    expect(() => int64.encode(2n ** 63n)).toThrow(RangeError);
    expect([int32, int64, decimal].map((codec) => codec.decode(new Uint8Array(), '/n'))).toEqual([0, 0n, 0n]);
    for (const codec of [int32, int64, decimal])
      expect(() => codec.decode(new Uint8Array(3), '/n')).toThrow(/the data of \/n/);
  });
});

describe('a shared count', () => {
  it('is made where it is missing, and changed by who knows the last one', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const [one, two] = [sharedCount(ann, '/n/count', 7), sharedCount(bob, '/n/count', 9)];
    const seen = await world.run(one.read());
    expect(seen).toEqual({ value: 7, version: 0 });

    expect(await world.run(two.trySet(seen.version, 8))).toEqual({ value: 8, version: 1 });
    expect(await world.run(one.trySet(seen.version, 10))).toBeNull();
    await world.run(one.set(11));

    expect(await world.run(two.get())).toBe(11);
  });

  it('tells each who asks of its changes', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const value = sharedValue(zk, '/v', utf8, 'a');
    const values = value.values();
    expect((await world.run(values.next())).value).toBe('a');
    const { changed } = await world.run(value.once());

    await world.run(value.set('b'));

    expect((await world.run(changed)).type).toBe('changed');
    expect((await world.run(values.next())).value).toBe('b');
    await world.run(values.return(undefined));
  });

  it.each(['partition', 'partitionOneWay'] as const)(
    'is set once when the connection is lost (%s)',
    async (fault) => {
      const world = await World.serving();
      const zk = await world.client();
      const count = sharedCount(zk, '/n', 1);
      await world.run(count.read());
      world.network[fault]('server', 'client-1');
      const setting = count.trySet(0, 2).catch((error: Error) => error.name);
      await world.pass(5);
      world.cut();
      world.network.heal();

      const outcome = await world.run(setting);

      // The same value may be another's: that it cannot tell is said, not guessed.
      expect(outcome).toEqual(fault === 'partition' ? { value: 2, version: 1 } : 'OutcomeUnknownError');
      expect(await world.run(count.read())).toEqual({ value: 2, version: 1 });
    },
  );

  it('says how many permits a semaphore has, also while somebody waits', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const count = sharedCount(zk, '/n', 1);
    const gate = semaphore(zk, '/s', count);
    await world.run(gate.acquire());
    const waiting = gate.acquire();
    await world.pass(100);

    await world.run(count.set(2));

    expect((await world.run(waiting)).isHeld).toBe(true);
  });
});

describe('an atomic long', () => {
  it('loses no count of many who count at once, with a lock or without', async () => {
    const world = new World(5, { latency: { minMs: 1, maxMs: 4 } });
    await world.start();
    const clients = [await world.client(), await world.client(), await world.client(), await world.client()];

    await world.run(
      Promise.all(
        clients.map(async (zk, i) => {
          const options = i % 2 === 0 ? { promoteTo: '/lock', triesMax: 1 } : {};
          const counter = atomicLong(zk, '/n', options);
          for (let n = 0; n < 10; n++) await counter.increment();
        }),
      ),
    );

    expect(await world.run(atomicLong(clients[0]!, '/n').get())).toBe(40n);
  });

  it('tells what it was and what it is', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const counter = atomicLong(zk, '/n');

    expect(await world.run(counter.add(5))).toEqual({ before: 0n, after: 5n });
    expect(await world.run(counter.decrement())).toEqual({ before: 5n, after: 4n });
    expect(await world.run(counter.compareAndSet(5n, 6n))).toBe(false);
    expect(await world.run(counter.compareAndSet(4n, 6n))).toBe(true);
    await world.run(counter.set(2n ** 62n));
    expect((await world.failure(counter.add(2n ** 62n))).name).toBe('RangeError');
  });

  it('reserves numbers, of which nobody gets one twice', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const [one, two] = [atomicLong(ann, '/n').cached(5), atomicLong(bob, '/n').cached(5)];

    const numbers = await world.run(
      Promise.all(Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? one : two).next())),
    );

    expect(new Set(numbers).size).toBe(24);
    expect(await world.run(atomicLong(ann, '/n').get())).toBe(30n);
    expect(() => atomicLong(ann, '/n').cached(0)).toThrow(RangeError);
  });

  it('may have four bytes, or be any value', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(atomicLong(zk, '/int', { format: 'int' }).add(-2));
    const text = atomicValue(zk, '/text', utf8, 'a');

    expect([...(await world.run(zk.get('/int'))).data]).toEqual([255, 255, 255, 254]);
    expect(await world.run(text.update((value) => `${value}b`))).toEqual({ before: 'a', after: 'ab' });
    expect(await world.run(text.compareAndSet('a', 'x'))).toBe(false);
    expect(await world.run(text.compareAndSet('ab', 'x'))).toBe(true);
  });

  it('counts as kazoo does where it is told to', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(atomicLong(zk, '/n', { format: 'decimal' }).add(12));

    expect((await world.run(zk.get('/n', utf8))).data).toBe('12');
  });

  it.each(Array.from({ length: 10 }, (_, i) => i + 1))(
    'that is witnessed counts each increment once, whatever happens to the connections (seed %i)',
    async (seed) => {
      const random = new SimulatedRandom(seed);
      const world = new World(seed, { latency: { minMs: 0, maxMs: 3 } });
      await world.start({ tickTime: 3000 });
      const clients = [
        await world.client({ sessionTimeout: 30_000 }),
        await world.client({ sessionTimeout: 30_000 }),
      ];
      const counting = Promise.all(
        clients.map(async (zk) => {
          await using counter = atomicLong(zk, '/n', { isWitnessed: true });
          for (let n = 0; n < 15; n++) await counter.increment();
        }),
      );
      await world.strikeUntil(counting, () => strike(world, random));

      expect(await world.run(atomicLong(clients[0]!, '/n').get())).toBe(30n);
      expect((await world.run(clients[0]!.children('/n'))).names).toEqual([]);
    },
  );
});

async function strike(world: World, random: Random): Promise<void> {
  await world.pass(random.below(20));
  const index = 1 + random.below(2);
  if (random.below(2) === 0) world.network.partitionOneWay('server', `client-${index}`);
  else world.network.partition('server', `client-${index}`);
  await world.pass(random.below(10));
  world.cut(index);
  world.network.heal();
}
