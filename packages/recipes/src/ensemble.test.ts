import { type Client, utf8 } from '@corral/client';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble-world.ts';
import { leaderLatch, mutex, queue, treeCache } from './index.ts';

/** Clients on different members, which are not at the same transaction, and move from one to another. */
describe.each([1, 2, 3, 4])('in an ensemble that loses its leader (seed %i)', (seed) => {
  it('no two are under a lock', async () => {
    const { world, clients, random } = await programs(seed);
    await world.run(clients[0]!.create('/count', '0'));
    let inside = 0;
    let most = 0;

    const work = Promise.all(
      clients.map(async (zk) => {
        for (let round = 0; round < 8; round++) {
          await using lease = await mutex(zk, '/lock').acquire();
          most = Math.max(most, ++inside);
          const { data, stat } = await zk.get('/count', utf8);
          // Whether what was cut off has happened is told by its version.
          await zk.set('/count', `${Number(data) + 1}`, { version: stat.version, retry: true });
          inside--;
          expect(lease.isHeld).toBe(true);
        }
      }),
    );
    await world.strikeUntil(work, async () => {
      await world.pass(random.below(50));
      if (world.members.size === 3 && random.below(4) === 0) world.crashLeader();
      const index = 1 + random.below(3);
      world.separate(index, [...world.members.keys()][random.below(world.members.size)]!);
      await world.pass(random.below(100));
      world.network.heal();
    });

    expect(most).toBe(1);
    expect((await world.run(clients[0]!.get('/count', utf8))).data).toBe('24');
  });

  it('an election has one leader, a cache what is there, a queue each item once', async () => {
    const { world, clients } = await programs(seed + 100);
    const [ann, bob, cyd] = clients as [Client, Client, Client];
    const latch = leaderLatch(ann, '/latch').start();
    const term = await world.run(latch.leadership());
    const next = leaderLatch(bob, '/latch').start();
    const cache = await world.run(treeCache(cyd, '/tree', { codec: utf8 }));
    const items = queue(bob, '/items', utf8, { lockPath: '/locks' });
    for (const item of ['1', '2', '3']) await world.run(items.put(item));
    const first = await world.run(queue(cyd, '/items', utf8, { lockPath: '/locks' }).take());

    world.crashLeader();
    await world.run(Promise.all([ann, bob, cyd].map((zk) => zk.sync())));
    await world.run(ann.create('/tree/a/b', 'x', { parents: true }));
    await world.run(first.done());
    const second = await world.run(items.take());
    await world.pass(1000);

    expect([term.isHeld, latch.isLeader, next.isLeader]).toEqual([true, true, false]);
    expect(cache.get('/tree/a/b')?.data).toBe('x');
    expect([first.value, second.value]).toEqual(['1', '2']);
    await world.run(latch.close());
    expect((await world.run(next.leadership())).fencingToken).toBeGreaterThan(term.fencingToken);
  });
});

async function programs(
  seed: number,
): Promise<{ world: EnsembleWorld; clients: Client[]; random: SimulatedRandom }> {
  const world = await EnsembleWorld.electing(seed);
  const clients: Client[] = [];
  for (let i = 0; i < 3; i++) clients.push(await world.client({ sessionTimeout: 20_000 }));
  return { world, clients, random: new SimulatedRandom(seed) };
}
