import { OpCode, toZxid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, getData, setData } from '../test/requests.ts';
import { ascii } from '../test/test-client.ts';
import { World } from '../test/world.ts';

const snapshotsOf = (world: World): number[] =>
  [...world.medium.durable.snapshots.keys()].toSorted((a, b) => a - b);

async function write(world: World, count: number, prefix = '/n'): Promise<void> {
  const client = await world.client();
  for (let i = 0; i < count; i++) await world.run(client.request(OpCode.create, create(`${prefix}${i}`)));
}

describe('snapshots', () => {
  it('are taken when the log has grown by half of snapCount to all of it', async () => {
    const world = await World.serving({ snapCount: 100 });

    await write(world, 49);
    expect(snapshotsOf(world)).toEqual([0]);

    await write(world, 60, '/m');
    await world.pass(100);
    expect(snapshotsOf(world)).toHaveLength(2);
  });

  it('are taken when the log has grown by half of snapSizeLimitInKb to all of it', async () => {
    const world = await World.serving({ snapSizeLimitInKb: 100 });
    const client = await world.client();

    for (let i = 0; i < 5; i++)
      await world.run(client.request(OpCode.create, create(`/n${i}`, 'x'.repeat(25_000))));
    await world.pass(100);

    expect(snapshotsOf(world)).toHaveLength(2);
  });

  it('count what was replayed at the start as if it had been written since', async () => {
    const world = await World.serving({ snapCount: 100 });
    await write(world, 45);
    await world.crashAndRestart({ snapCount: 100 });

    await write(world, 60, '/m');
    await world.pass(100);

    expect(snapshotsOf(world)).toHaveLength(2);
  });

  it('are taken at the start where a lot was replayed', async () => {
    const world = await World.serving({ snapCount: 100_000 });
    await write(world, 120);
    await world.crashAndRestart({ snapCount: 100 });
    await world.pass(100);

    expect(snapshotsOf(world)).toHaveLength(2);
  });

  it('hold the tree of one moment, however much is written meanwhile', async () => {
    const world = await World.serving({ snapCount: 10, autopurge: { snapRetainCount: 3, intervalMs: 0 } });
    const client = await world.client();
    for (let i = 0; i < 200; i++) {
      await world.run(client.request(OpCode.create, create(`/n${i}`, 'old')));
      if (i > 0) client.send(OpCode.setData, setData(`/n${i - 1}`, 'new'));
      if (i > 0) await world.run(client.reply());
    }
    await world.pass(1000);
    const { lastProcessedZxid } = world.server.view;

    await world.crashAndRestart();

    expect(world.lines('digests of the log')).toEqual([]);
    expect(world.server.view.lastProcessedZxid).toBe(lastProcessedZxid);
    const again = await world.client();
    expect((await world.run(again.request(OpCode.getData, getData('/n198')))).body.readBuffer()).toEqual(
      ascii('new'),
    );
  });

  it('that fail leave no trace, and the server goes on', async () => {
    const world = await World.serving({ snapCount: 10 });
    let failing = false;
    const { snapshots } = world.medium.durable;
    const set = snapshots.set.bind(snapshots);
    snapshots.set = (zxid, snapshot) => {
      if (failing) throw new Error('no space');
      return set(zxid, snapshot);
    };
    failing = true;

    await write(world, 15);
    await world.pass(100);
    expect(world.lines('snapshot failed').length).toBeGreaterThan(0);
    expect(snapshotsOf(world)).toEqual([0]);

    failing = false;
    await write(world, 15, '/m');
    await world.pass(100);
    expect(snapshotsOf(world).length).toBeGreaterThan(1);
    await world.crashAndRestart();
    expect(world.server.view.nodeCount).toBe(5 + 30);
  });
});

describe('purging', () => {
  it('keeps the newest snapshots, and the log that the oldest of them needs', async () => {
    const world = await World.serving({
      snapCount: 10,
      autopurge: { snapRetainCount: 3, intervalMs: 3_600_000 },
    });
    for (let round = 0; round < 8; round++) {
      await write(world, 10, `/r${round}-`);
      await world.pass(100);
    }
    const kept = snapshotsOf(world);
    expect(kept).toHaveLength(3);

    // As if the two newest had been lost.
    for (const zxid of kept.slice(1)) world.medium.durable.snapshots.delete(toZxid(zxid));
    await world.crashAndRestart();

    const client = await world.client();
    expect((await world.run(client.request(OpCode.exists, exists('/r7-9')))).err).toBe(0);
    expect(world.medium.durable.segments.length).toBeLessThan(8);
  });

  it('does nothing where it is switched off', async () => {
    const world = await World.serving({ snapCount: 10, autopurge: { snapRetainCount: 3, intervalMs: 0 } });
    for (let round = 0; round < 8; round++) {
      await write(world, 10, `/r${round}-`);
      await world.pass(100);
    }

    expect(snapshotsOf(world).length).toBeGreaterThan(5);
  });

  it('never keeps fewer than three', async () => {
    const world = await World.serving({
      snapCount: 10,
      autopurge: { snapRetainCount: 1, intervalMs: 3_600_000 },
    });
    for (let round = 0; round < 8; round++) {
      await write(world, 10, `/r${round}-`);
      await world.pass(100);
    }

    expect(snapshotsOf(world)).toHaveLength(3);
  });
});
