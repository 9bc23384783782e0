import { type Client, utf8 } from '@corral/client';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Lease, mutex, RecipeError } from './index.ts';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
const PROGRAMS = 4;
const ROUNDS = 6;

/**
 * Programs that count under a lock, on connections that break either way at any time; some of them for so long that the
 * session ends. Each reads the counter, and writes it back without a version: two at once would lose a count. What is
 * written under a lost lease is refused by its own node (`lease.transaction()`).
 */
describe('whatever happens to the connections', () => {
  it.each(seeds)('no two are under the lock, and nobody waits for ever (seed %i)', async (seed) => {
    const random = new SimulatedRandom(seed);
    const world = new World(seed, { latency: { minMs: 0, maxMs: 3 } });
    await world.start({ tickTime: 500 });
    const clients: Client[] = [];
    for (let i = 0; i < PROGRAMS; i++)
      clients.push(await world.client({ sessionTimeout: 3000, onExpired: 'newSession' }));
    await world.run(clients[0]!.create('/count', '0'));
    const tokens: bigint[] = [];

    const work = Promise.all(clients.map((zk) => countUnderLock(zk, tokens)));
    const counted = await world.strikeUntil(work, () => strike(world, random));

    const { data } = await world.run(clients[0]!.get('/count', utf8));
    const done = counted.flat().filter((outcome) => outcome === 'done').length;
    const unknown = counted.flat().filter((outcome) => outcome === 'unknown').length;
    expect(Number(data)).toBeGreaterThanOrEqual(done);
    expect(Number(data)).toBeLessThanOrEqual(done + unknown);
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
    // No node is left by anybody, however he was interrupted.
    await world.pass(20_000);
    expect((await world.run(clients[0]!.tryGet('/lock')))?.stat.numChildren ?? 0).toBe(0);
    for (const zk of clients) await world.run(zk.close());
  });
});

async function countUnderLock(zk: Client, tokens: bigint[]): Promise<string[]> {
  const lock = mutex(zk, '/lock');
  const outcomes: string[] = [];
  while (outcomes.length < ROUNDS) {
    const lease = await lock.acquire({ timeoutMs: 5000 }).catch(passing);
    if (lease === undefined) continue;
    tokens.push(lease.fencingToken);
    outcomes.push(await countOnce(zk, lease));
    await lease.release();
  }
  return outcomes;
}

async function countOnce(zk: Client, lease: Lease): Promise<string> {
  try {
    const { data } = await zk.get('/count', utf8);
    await zk.sync();
    await lease
      .transaction()
      .set('/count', String(Number(data) + 1))
      .commit();
    return 'done';
  } catch (error) {
    return (error as Error).name === 'OutcomeUnknownError' ? 'unknown' : 'refused';
  }
}

function passing(error: unknown): undefined {
  if (error instanceof RecipeError) return;
  if (/^(ConnectionLoss|SessionExpired|OutcomeUnknown)Error$/.test((error as Error).name)) return;
  throw error;
}

async function strike(world: World, random: Random): Promise<void> {
  await world.pass(random.below(60));
  const index = 1 + random.below(PROGRAMS);
  const host = `client-${index}`;
  switch (random.below(4)) {
    case 0:
      return world.cut(index);
    case 1:
      world.network.partitionOneWay('server', host);
      break;
    default:
      world.network.partition(host, 'server');
  }
  await world.pass(random.below(5) === 0 ? 5000 : random.below(300));
  world.cut(index);
  world.network.heal();
}
