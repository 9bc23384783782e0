import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentAnywhere, acknowledgedOf, sendCreates } from '../../test/ensemble-nodes.ts';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, sync } from '../../test/requests.ts';

const MEMBERS = { size: 3, config: { tickTime: 1000 } };

describe('a leader that is told to stop', () => {
  it('answers every write it has taken in, and its successor has them', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const client = await world.client(3);
    const paths = sendCreates(client, 'mine', 200);
    await world.pass(1);

    await world.stop(3);

    const acknowledged = acknowledgedOf(client, paths);
    expect(acknowledged).toEqual(paths);
    await world.serving();
    expect(await absentAnywhere(world, acknowledged)).toEqual([]);
  });

  it('loses nothing that clients of its followers have been told, and leaves none of them waiting', async () => {
    const world = await EnsembleWorld.elected(MEMBERS);
    const clients = [await world.client(1), await world.client(2)];
    const paths = clients.map((client, i) => sendCreates(client, `theirs${i}-`, 200));
    await world.pass(1);

    await world.stop(3);
    await world.pass(500);

    const acknowledged = clients.flatMap((client, i) => {
      const answered = acknowledgedOf(client, paths[i]!);
      expect(client.isClosed || answered.length === paths[i]!.length).toBe(true);
      return answered;
    });
    await world.serving();
    expect(await absentAnywhere(world, acknowledged)).toEqual([]);
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
    const paths = sendCreates(client, 'never', 10);
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
    const paths = sendCreates(client, 'mine', 200);
    client.send(OpCode.sync, sync('/mine0'));
    await world.pass(1);

    await world.stop(1);

    await world.pass(10);
    expect(acknowledgedOf(client, [...paths, 'sync'])).toEqual([...paths, 'sync']);
    expect(client.isClosed).toBe(true);
    expect(await absentAnywhere(world, paths)).toEqual([]);
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
      const paths = sendCreates(client, `m${acknowledged.length}-`, 60);
      await world.pass(2);

      await world.stop(stopped);

      await world.pass(200);
      acknowledged.push(...acknowledgedOf(client, paths));
      await world.start(stopped);
      await world.serving();
    }

    expect(acknowledged.length).toBeGreaterThan(0);
    expect(await absentAnywhere(world, acknowledged)).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});
