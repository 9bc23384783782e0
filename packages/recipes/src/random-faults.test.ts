import { type Client, utf8 } from '@corral/client';
import type { Random } from '@corral/runtime';
import { SimulatedRandom } from '@corral/runtime/simulated';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  leaderLatch,
  leaderSelector,
  type Lease,
  migrate,
  mutex,
  partition,
  readWriteLock,
  RecipeError,
  semaphore,
} from './index.ts';

const seeds = Array.from({ length: 8 }, (_, i) => i + 1);
const PROGRAMS = 4;
const ROUNDS = 6;

/**
 * Programs on connections that break either way at any time; some of them for so long that the session ends. All clocks go
 * alike here, so a lease must say that it is lost before anybody else holds another: a real clock may be late, for that
 * there is the token.
 */
describe.each(seeds)('whatever happens to the connections (seed %i)', (seed) => {
  it('no two are under a lock, nobody waits for ever, and nothing is left', async () => {
    const { world, random, clients } = await programs(seed);
    await world.run(clients[0]!.create('/count', '0'));
    const tokens: bigint[] = [];
    const holders = new Holders();

    const work = Promise.all(clients.map((zk) => countUnderLock(zk, tokens, holders)));
    const counted = await world.strikeUntil(work, () => strike(world, random));

    const { data } = await world.run(clients[0]!.get('/count', utf8));
    const done = counted.flat().filter((outcome) => outcome === 'done').length;
    const unknown = counted.flat().filter((outcome) => outcome === 'unknown').length;
    expect(Number(data)).toBeGreaterThanOrEqual(done);
    expect(Number(data)).toBeLessThanOrEqual(done + unknown);
    expect(tokens).toEqual(tokens.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(holders.mostAtOnce).toBe(1);
    await expectNothingLeft(world, clients, '/lock');
  });

  it('no writer is beside anybody, no more than there are permits have one', async () => {
    const { world, random, clients } = await programs(seed + 1000);
    const writers = new Holders();
    const permitted = new Holders();
    let together = 0;

    const work = Promise.all(
      clients.map(async (zk, number) => {
        const { read, write } = readWriteLock(zk, '/read-write');
        const gate = semaphore(zk, '/semaphore', 2);
        for (let round = 0; round < ROUNDS; round++) {
          await using lock = await persist(() => (number < 2 ? read : write).acquire({ timeoutMs: 5000 }));
          if (number >= 2) writers.add(lock);
          else if (writers.atOnce > 0) together++;
          await zk.sync().catch(passing);
          await lock.release();
          await using permit = await persist(() => gate.acquire({ timeoutMs: 5000 }));
          permitted.add(permit);
          await zk.sync().catch(passing);
        }
      }),
    );
    await world.strikeUntil(work, () => strike(world, random));

    expect([writers.mostAtOnce, together]).toEqual([1, 0]);
    expect(permitted.mostAtOnce).toBeLessThanOrEqual(2);
    for (const path of ['/read-write', '/semaphore/locks', '/semaphore/leases'])
      await expectNothingLeft(world, clients, path);
  });

  it('no two lead, and each leads in the end', async () => {
    const { world, random, clients } = await programs(seed + 2000);
    const leaders = new Holders();
    const latches = clients.slice(0, 2).map((zk) => leaderLatch(zk, '/latch').start());
    for (const latch of latches) latch.onChange((term) => term !== undefined && leaders.add(term));
    const selected = new Holders();
    const selectors = clients.slice(2).map((zk) =>
      leaderSelector(zk, '/selector', {
        lead: async (term, signal) => {
          selected.add(term);
          await new Promise<void>((resolve) => {
            zk.clock.after(200, resolve);
            signal.addEventListener('abort', () => resolve());
          });
        },
      }).start(),
    );

    for (let i = 0; i < 12; i++) await strike(world, random);
    const standing = new Set(latches);
    while (standing.size > 0) {
      const leading = await world.run(
        Promise.race([...standing].map((each) => each.leadership().then(() => each))),
      );
      await world.run(leading.close());
      standing.delete(leading);
    }
    await world.run(Promise.all(selectors.map((selector) => selector.close())));

    expect([leaders.mostAtOnce, selected.mostAtOnce]).toEqual([1, 1]);
    for (const path of ['/latch', '/selector']) await expectNothingLeft(world, clients, path);
  });

  it('no item of a set is in two shares, and each is in one in the end', async () => {
    const { world, random, clients } = await programs(seed + 3000);
    const items = ['a', 'b', 'c', 'd', 'e', 'f'];
    const holders = new Map(items.map((item) => [item, new Holders()]));
    const stop = new AbortController();
    const taking = clients.map(async (zk, number) => {
      const set = partition(zk, '/set', items, { id: `${number}`, settleMs: 500 });
      while (!stop.signal.aborted)
        try {
          for await (const share of set.shares({ signal: stop.signal })) {
            for (const [item, lease] of share.leases) holders.get(item)!.add(lease);
            await share.untilRecalled();
          }
        } catch (error) {
          if (error !== stop.signal.reason) passing(error);
        }
    });

    for (let i = 0; i < 12; i++) await strike(world, random);
    await world.pass(20_000);
    const atOnce = [...holders.values()].map((each) => each.atOnce);
    stop.abort();
    await world.run(Promise.all(taking));

    expect([...holders.values()].map(({ mostAtOnce }) => mostAtOnce)).toEqual(items.map(() => 1));
    expect(atOnce).toEqual(items.map(() => 1));
    for (const path of ['/set/party', ...items.map((item) => `/set/locks/${item}`)])
      await expectNothingLeft(world, clients, path);
  });

  it('what is missing of a tree is made once, by whoever comes first', async () => {
    const { world, random, clients } = await programs(seed + 4000);
    const set = { id: 'app', migrations: [[{ create: '/app' }], [{ set: '/app', data: 'new' }]] };
    const options = { lockPath: '/locks', metaPath: '/meta', timeoutMs: 5000 };

    const work = Promise.all(clients.map((zk) => persist(() => migrate(zk, set, options))));
    await world.strikeUntil(work, () => strike(world, random));

    expect((await world.run(clients[0]!.get('/app'))).stat.version).toBe(1);
    expect((await world.run(clients[0]!.children('/meta/app'))).names).toHaveLength(2);
  });
});

/** Those who believe that they hold something. */
class Holders {
  mostAtOnce = 0;
  #leases: Lease[] = [];

  get atOnce(): number {
    this.#leases = this.#leases.filter(({ isHeld }) => isHeld);
    return this.#leases.length;
  }

  add(lease: Lease): void {
    if (!lease.isHeld) return;
    this.#leases.push(lease);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
  }
}

async function programs(seed: number): Promise<{ world: World; random: Random; clients: Client[] }> {
  const world = new World(seed, { latency: { minMs: 0, maxMs: 3 } });
  await world.start({ tickTime: 500 });
  const clients: Client[] = [];
  for (let i = 0; i < PROGRAMS; i++)
    clients.push(await world.client({ sessionTimeout: 3000, onExpired: 'newSession' }));
  return { world, random: new SimulatedRandom(seed), clients };
}

/**
 * Each reads the counter, and writes it back without a version: two at once would lose a count. What is written under a
 * lost lease is refused by its own node.
 */
async function countUnderLock(zk: Client, tokens: bigint[], holders: Holders): Promise<string[]> {
  const lock = mutex(zk, '/lock');
  const outcomes: string[] = [];
  while (outcomes.length < ROUNDS) {
    const lease = await lock.acquire({ timeoutMs: 5000 }).catch(passing);
    if (lease === undefined) continue;
    tokens.push(lease.fencingToken);
    holders.add(lease);
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

async function persist<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    const got = await attempt().catch(passing);
    if (got !== undefined) return got;
  }
}

function passing(error: unknown): undefined {
  if (error instanceof RecipeError) return;
  if (/^(ConnectionLoss|SessionExpired|OutcomeUnknown)Error$/.test((error as Error).name)) return;
  throw error;
}

async function expectNothingLeft(world: World, clients: readonly Client[], path: string): Promise<void> {
  await world.pass(20_000);
  expect((await world.run(clients[0]!.tryGet(path)))?.stat.numChildren ?? 0).toBe(0);
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
