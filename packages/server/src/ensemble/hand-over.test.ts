import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, exists, sync } from '../../test/requests.ts';
import { replyOf, type TestClient } from '../../test/test-client.ts';

const MEMBERS = { size: 3, config: { tickTime: 1000 } };

describe('a leader that is told to stop', () => {
  it('answers every write it has taken in, and its successor has them', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(3);
    const paths = writeMany(client, 'mine', 200);
    await world.pass(1);

    await world.stop(3);

    const acknowledged = acknowledgedOf(client, paths);
    expect(acknowledged).toEqual(paths);
    await world.serving();
    expect(await missing(world, acknowledged)).toEqual([]);
  });

  it('loses nothing that clients of its followers have been told, and leaves none of them waiting', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const clients = [await world.client(1), await world.client(2)];
    const paths = clients.map((client, i) => writeMany(client, `theirs${i}-`, 200));
    await world.pass(1);

    await world.stop(3);
    await world.pass(500);

    const acknowledged = clients.flatMap((client, i) => {
      const answered = acknowledgedOf(client, paths[i]!);
      expect(client.isClosed || answered.length === paths[i]!.length).toBe(true);
      return answered;
    });
    await world.serving();
    expect(await missing(world, acknowledged)).toEqual([]);
  });

  it('is followed by another in a fraction of the time after which it would have been missed', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const begun = world.runtime.clock.monotonic();

    await world.stop(3);
    while (world.lines('leading, and serving').length < 2) await world.pass(10);

    expect(world.runtime.clock.monotonic() - begun).toBeLessThan(500);
  });

  it('ends while its quorum is gone, whatever was under way', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(3);
    world.isolate(3);
    const paths = writeMany(client, 'never', 10);
    await world.pass(1);

    await world.stop(3);

    await world.pass(10);
    expect(acknowledgedOf(client, paths)).toEqual([]);
    expect(client.isClosed).toBe(true);
  });

  it('ends while its followers stand still', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(3);
    world.stall(1);
    world.stall(2);
    client.send(OpCode.create, create('/never'));
    await world.pass(1);

    await world.stop(3);
    await world.pass(10);

    expect(client.isClosed).toBe(true);
  });

  it('ends before it was established', async () => {
    const world = new EnsembleWorld(MEMBERS);
    await world.start(3);
    world.elect(3);
    await world.pass(10);

    await world.stop(3);

    expect(world.lines('stopped').map(({ sid }) => sid)).toEqual([3]);
  });
});

describe('a follower that is told to stop', () => {
  it('answers every write and sync it has taken in', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(1);
    const paths = writeMany(client, 'mine', 200);
    client.send(OpCode.sync, sync('/mine0'));
    await world.pass(1);

    await world.stop(1);

    await world.pass(10);
    expect(acknowledgedOf(client, [...paths, 'sync'])).toEqual([...paths, 'sync']);
    expect(client.isClosed).toBe(true);
    expect(await missing(world, paths)).toEqual([]);
  });

  it('ends while its leader stands still', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(1);
    world.stall(3);
    client.send(OpCode.create, create('/never'));
    await world.pass(1);

    await world.stop(1);
    await world.pass(10);

    expect(client.isClosed).toBe(true);
  });

  it('ends while it synchronises with a leader that says nothing', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    world.crash(1);
    world.stall(3);
    await world.start(1);
    await world.pass(100);

    await world.stop(1);

    expect(world.lines('stopped').map(({ sid }) => sid)).toEqual([1]);
  });
});

describe('all members, told to stop one after the other under load', () => {
  it('lose nothing', async () => {
    const world = await EnsembleWorld.elected({ size: 5 });
    const acknowledged: string[] = [];
    for (const stopped of [5, 4, 3, 2, 1, 5, 4, 3]) {
      const at = 1 + (stopped % 5);
      const client = await world.client(at, { timeout: 4000 });
      const paths = writeMany(client, `m${acknowledged.length}-`, 60);
      await world.pass(2);

      await world.stop(stopped);

      await world.pass(200);
      acknowledged.push(...acknowledgedOf(client, paths));
      await world.start(stopped);
      await world.serving();
    }

    expect(acknowledged.length).toBeGreaterThan(0);
    expect(await missing(world, acknowledged)).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});

function writeMany(client: TestClient, name: string, count: number): string[] {
  const paths = Array.from({ length: count }, (_, i) => `/${name}${i}`);
  for (const path of paths) client.send(OpCode.create, create(path));
  return paths;
}

/** Which of them were answered: the first so many. */
function acknowledgedOf(client: TestClient, paths: readonly string[]): string[] {
  const replies = client.frames.splice(0).map(replyOf);
  expect(replies.map(({ err }) => err).filter((err) => err !== 0)).toEqual([]);
  return paths.slice(0, replies.length);
}

/** What a member does not have, each as `member:path`. */
async function missing(world: EnsembleWorld, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  await world.pass(500);
  for (const sid of world.members.keys()) {
    const client = await world.client(sid);
    for (const path of paths) client.send(OpCode.exists, exists(path));
    for (const path of paths) if ((await world.run(client.reply())).err !== 0) found.push(`${sid}:${path}`);
  }
  return found;
}
