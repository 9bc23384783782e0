import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { partition, type PartitionOptions, type Share } from './index.ts';

const ITEMS = ['a', 'b', 'c', 'd', 'e'];

describe('a set that is shared out', () => {
  it('gives each item to one member, and all of them', async () => {
    const world = await World.serving();
    const members = await membersOf(world, ['ann', 'bob']);

    const shares = await world.run(Promise.all(members.map(({ next }) => next())));

    expect(shares.map(({ items }) => items)).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd'],
    ]);
    expect([...shares[0]!.leases.values()].every(({ isHeld }) => isHeld)).toBe(true);
    expect(await world.run(members[0]!.set.members())).toEqual(['ann', 'bob']);
  });

  it('is laid out as kazoo does it', async () => {
    const world = await World.serving();
    const [ann] = await membersOf(world, ['ann']);
    await world.run(ann!.next());
    const zk = await world.client();

    const [member] = (await world.run(zk.children('/set/party'))).names;
    const locks = (await world.run(zk.children('/set/locks'))).names;
    const [lock] = (await world.run(zk.children('/set/locks/a'))).names;

    expect(member).toMatch(/^[0-9a-f]{32}-ann$/);
    expect(locks.toSorted()).toEqual(ITEMS);
    expect(lock).toMatch(/^[0-9a-f]{32}__lock__0000000000$/);
  });

  it('is shared out anew when somebody comes, after all have given back what they had', async () => {
    const world = await World.serving();
    const [ann] = await membersOf(world, ['ann']);
    const alone = await world.run(ann!.next());
    expect(alone.items).toEqual(ITEMS);
    const [bob] = await membersOf(world, ['bob']);
    const bobs = bob!.next();
    await world.run(alone.untilRecalled());
    expect(alone.recalled.reason).toMatchObject({ code: 'RECALLED' });
    await world.pass(60_000);

    const bobsIsThere = { value: false };
    bobs.then(
      () => (bobsIsThere.value = true),
      () => {},
    );
    await world.pass(1000);
    expect(bobsIsThere.value).toBe(false);
    expect(alone.leases.get('b')!.isHeld).toBe(true);

    const [less, rest] = await world.run(Promise.all([ann!.next(), bobs]));
    expect([less.items, rest.items]).toEqual([
      ['a', 'c', 'e'],
      ['b', 'd'],
    ]);
    expect(rest.leases.get('b')!.fencingToken).toBeGreaterThan(alone.leases.get('b')!.fencingToken);
  });

  it('goes to those who stay when somebody leaves', async () => {
    const world = await World.serving();
    const [ann, bob] = await membersOf(world, ['ann', 'bob']);
    const [mine] = await world.run(Promise.all([ann!.next(), bob!.next()]));

    await world.run(bob!.leave());
    await world.run(mine.untilRecalled());

    expect((await world.run(ann!.next())).items).toEqual(ITEMS);
    expect(await world.run(ann!.set.members())).toEqual(['ann']);
  });

  it('is taken from who is cut off only after he knows', async () => {
    const world = await World.serving();
    const [ann, bob] = await membersOf(world, ['ann', 'bob']);
    const [mine, bobs] = await world.run(Promise.all([ann!.next(), bob!.next()]));
    const bobsNext = bobs.untilRecalled().then(() => bob!.next());
    const order: string[] = [];
    mine.untilRecalled().then(
      () => order.push('ann knows'),
      () => {},
    );
    bobsNext.then(
      () => order.push('bob has all'),
      () => {},
    );

    world.network.partition('client-1', 'server');
    const { items } = await world.run(bobsNext);

    expect(items).toEqual(ITEMS);
    expect(order).toEqual(['ann knows', 'bob has all']);
    expect(mine.recalled.reason).toMatchObject({ code: 'LOST' });
  });

  it('goes on in the next session', async () => {
    const world = await World.serving();
    const [ann] = await membersOf(world, ['ann'], { onExpired: 'newSession' });
    const first = await world.run(ann!.next());
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(30_000);
    expect(first.recalled.aborted).toBe(true);

    world.network.heal();

    expect((await world.run(ann!.next())).items).toEqual(ITEMS);
  });

  it('leaves nothing to who comes when there are more members than items', async () => {
    const world = await World.serving();
    const members = await membersOf(world, ITEMS.map((item) => `of-${item}`).concat('z'));

    const shares = await world.run(Promise.all(members.map(({ next }) => next())));

    expect(shares.at(-1)!.items).toEqual([]);
    expect(shares.flatMap(({ items }) => items)).toEqual(ITEMS);
  });

  it('is left when the signal aborts: what was held is free, and the member is gone', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const abort = new AbortController();
    const rounds = partition(zk, '/set', ITEMS, { id: 'ann' }).shares({ signal: abort.signal });
    const { value: share } = await world.run(rounds.next());

    abort.abort(new Error('enough'));
    const failure = await world.failure(rounds.next());

    expect(failure.message).toBe('enough');
    expect((share as Share).recalled.aborted).toBe(true);
    expect((await world.run(zk.children('/set/party'))).names).toEqual([]);
    expect((await world.run(zk.children('/set/locks/a'))).names).toEqual([]);
  });

  it('is shared out by another rule, where there is one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const shareOf: PartitionOptions['shareOf'] = (id, _, items) => items.filter((item) => item >= id);

    const rounds = partition(zk, '/set', ITEMS, { id: 'c', shareOf, settleMs: 0 }).shares();

    expect(((await world.run(rounds.next())).value as Share).items).toEqual(['c', 'd', 'e']);
  });

  it('refuses what is no name of a node, and times that are none', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(() => partition(zk, '/set', ['a/b'], { id: 'ann' })).toThrow(RangeError);
    expect(() => partition(zk, '/set', ['a'], { id: '' })).toThrow(RangeError);
    expect(() => partition(zk, '/set', ['a'], { id: 'ann', settleMs: -1 })).toThrow(RangeError);
    expect(() => partition(zk, 'set', ['a'], { id: 'ann' })).toThrow(RangeError);
  });
});

interface Member {
  readonly set: ReturnType<typeof partition>;
  next(): Promise<Share>;
  leave(): Promise<unknown>;
}

async function membersOf(
  world: World,
  ids: readonly string[],
  options: Parameters<World['client']>[0] = {},
): Promise<Member[]> {
  const members: Member[] = [];
  for (const id of ids) {
    const zk = await world.client(options);
    const set = partition(zk, '/set', ITEMS, { id });
    const rounds = set.shares();
    const next = async (): Promise<Share> => (await rounds.next()).value!;
    members.push({ set, next, leave: () => rounds.return(undefined) });
  }
  return members;
}
