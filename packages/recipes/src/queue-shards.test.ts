import { type Client, utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { queue, type Queue, queueShards, type QueueShards, type QueueShardsOptions } from './index.ts';

describe('a queue in shards', () => {
  it('has one shard to begin with, named as Curator names it', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const shards = await world.run(shardsOf(zk));
    await world.run(shards.put('a'));

    expect(shards.paths).toEqual([expect.stringMatching(/^\/shards\/queue-[0-9a-f-]{36}$/)]);
    expect((await world.run(zk.children(shards.paths[0]!))).names).toEqual(['queue-0000000000']);
  });

  it('gets another shard when one is full, which is preferred until that is half empty', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const shards = await world.run(shardsOf(zk, { itemsMax: 4 }));
    const [first] = shards.paths;
    for (const value of ['a', 'b', 'c', 'd']) await world.run(shards.put(value));

    await world.pass(31_000);
    expect(shards.paths).toHaveLength(2);
    const second = shards.paths[1]!;
    for (const value of ['e', 'f', 'g']) expect(await world.run(shards.put(value))).toContain(second);
    for (const _ of ['a', 'b']) await world.run(plain(zk)(first!).take());
    await world.run(shards.put('h'));
    await world.pass(31_000);

    const paths = new Set<string>();
    for (let i = 0; i < 20; i++) paths.add((await world.run(shards.put(`${i}`))).slice(0, first!.length));
    expect(paths).toEqual(new Set([first]));
  });

  it('is found as it is by whoever comes later, and one of them adds the shards', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const ours = await world.run(shardsOf(zk, { itemsMax: 2 }));
    for (const value of ['a', 'b']) await world.run(ours.put(value));

    const theirs = await world.run(shardsOf(other, { itemsMax: 2 }));
    expect(theirs.paths).toEqual(ours.paths);
    await world.pass(61_000);

    expect(theirs.paths).toHaveLength(2);
    expect(theirs.paths.toSorted()).toEqual(ours.paths.toSorted());
  });

  it('has no more shards than it may, and says so', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const errors: unknown[] = [];
    const options = { itemsMax: 1, shardsMax: 2, onError: (error: unknown) => void errors.push(error) };
    const shards = await world.run(shardsOf(zk, options));
    for (let i = 0; i < 3; i++) {
      await world.run(shards.put('x'));
      await world.pass(31_000);
    }

    expect(shards.paths).toHaveLength(2);
    expect(String(errors[0])).toContain('shardsMax');
  });

  it('is consumed from all shards, also those that come', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const shards = await world.run(shardsOf(zk, { itemsMax: 2 }));
    for (const value of ['a', 'b']) await world.run(shards.put(value));
    await world.pass(31_000);
    await world.run(shards.put('c'));
    const theirs = await world.run(shardsOf(other));
    const got: string[] = [];
    const abort = new AbortController();
    const consuming = theirs.consume(({ value }) => void got.push(value), { signal: abort.signal });
    await world.pass(1000);
    expect(got.toSorted()).toEqual(['a', 'b', 'c']);

    await world.run(zk.create('/shards/queue-late'));
    await world.run(plain(zk)('/shards/queue-late').put('d'));
    await world.pass(31_000);
    abort.abort();
    await world.run(consuming);

    expect(got.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    await world.run(shards.put('stays'));
    await world.pass(1000);
    expect(got).toHaveLength(4);
  });

  it('gives an item of a safe queue back when the work fails, and is consumed no more', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const open = (path: string): Queue<string> => queue(zk, path, utf8, { lockPath: '/locks' });
    const shards = await world.run(queueShards(zk, '/shards', open, { leaderPath: '/leader' }));
    await world.run(shards.put('a'));

    const failure = await world.failure(
      shards.consume(() => {
        throw new Error('cannot');
      }),
    );

    expect(failure.message).toBe('cannot');
    expect((await world.run(open(shards.paths[0]!).take())).value).toBe('a');
  });

  it('ends what consumes when it is closed, and with the session', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const [one, two] = [await world.run(shardsOf(zk)), await world.run(shardsOf(zk))];
    const [first, second] = [one.consume(() => {}), two.consume(() => {})];

    await world.run(one.close());
    await world.run(first);
    const failing = world.failure(second);
    await world.run(zk.close());

    expect((await failing).name).toBe('ClosedError');
    await world.run(two.close());
  });

  it('refuses a leader among the shards, and bounds that are none', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(await world.failure(shardsOf(zk, { leaderPath: '/shards/leader' }))).toBeInstanceOf(RangeError);
    expect(await world.failure(shardsOf(zk, { itemsMax: 0 }))).toBeInstanceOf(RangeError);
  });
});

function plain(zk: Client): (path: string) => Queue<string> {
  return (path) => queue(zk, path, utf8);
}

function shardsOf(zk: Client, options: Partial<QueueShardsOptions> = {}): Promise<QueueShards<string>> {
  return queueShards(zk, '/shards', plain(zk), { leaderPath: '/leader', ...options });
}
