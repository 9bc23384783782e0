import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Client, utf8 } from './index.ts';

const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

/**
 * Fair faults: resets, partitions either way, a server that stands still or dies over what it has on disk; each ends well
 * before the session does.
 */
describe('whatever happens to the connection', () => {
  it.each(seeds)('what is to happen once happens once, and every promise settles (seed %i)', async (seed) => {
    const random = new SimulatedRandom(seed);
    const world = new World(seed, { latency: { minMs: 0, maxMs: 3 }, chunkBytesMax: 64 });
    await world.start({ tickTime: 3000 });
    const zk = await world.client({ sessionTimeout: 30_000 });
    await world.run(zk.create('/count', '0'));
    await world.run(zk.create('/made', ''));
    const events: string[] = [];
    await world.run(zk.subscribe('/count', ({ type }) => void events.push(type)));

    const counting = count(zk, 20);
    const making = Promise.all(Array.from({ length: 10 }, () => makeOne(zk)));
    const reading = Promise.allSettled(Array.from({ length: 20 }, () => zk.get('/count')));
    for (let i = 0; i < 6; i++) await strike(world, random);

    const [, made, reads] = await world.run(Promise.all([counting, making, reading]));
    await world.run(zk.sync());
    const { data, stat } = await world.run(zk.get('/count', utf8));
    const { names } = await world.run(zk.children('/made'));
    expect([data, stat.version]).toEqual(['20', 20]);
    expect(names.toSorted()).toEqual(made.map((path) => path.slice('/made/'.length)).toSorted());
    expect(reads).toHaveLength(20);
    expect(events.length).toBeGreaterThan(0);
    expect(zk.pending).toBe(0);
    await world.run(zk.close());
    world.network.cutPower('server');
    world.runtime.clock.runUntilIdle();
  });
});

async function count(zk: Client, to: number): Promise<void> {
  for (let i = 0; i < to; i++) await zk.set('/count', String(i + 1), { version: i, retry: true });
}

async function makeOne(zk: Client): Promise<string> {
  const options = { mode: 'ephemeral', sequential: true, protect: true } as const;
  return (await zk.create('/made/n-', '', options)).path;
}

async function strike(world: World, random: Random): Promise<void> {
  await world.pass(random.below(40));
  switch (random.below(5)) {
    case 0:
      return world.cut();
    case 1:
      world.network.partitionOneWay('server', 'client-1');
      break;
    case 2:
      world.network.partition('client-1', 'server');
      break;
    case 3:
      world.network.stall('server');
      break;
    default:
      world.crash();
      await world.start({ tickTime: 3000 });
      return;
  }
  await world.pass(random.below(200));
  if (random.below(2) === 0) world.cut();
  world.network.unstall('server');
  world.network.heal();
}
