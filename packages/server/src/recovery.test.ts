import { memoryStorage } from '@corral/persistence/memory';
import { ErrorCode, OpCode, toZxid } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, getChildren, getData, setData } from '../test/requests.ts';
import { ascii } from '../test/test-client.ts';
import { World } from '../test/world.ts';

describe('an empty storage', () => {
  it('has a snapshot before it has a log', async () => {
    const world = await World.serving();

    expect([...world.medium.durable.snapshots.keys()]).toEqual([0]);
    expect(world.medium.durable.segments).toEqual([]);
  });

  it('begins with the nodes of Apache', async () => {
    const world = await World.serving();
    const client = await world.client();

    const children = async (path: string) => {
      const reply = await world.run(client.request(OpCode.getChildren, getChildren(path)));
      return reply.body.readStrings()?.toSorted();
    };

    expect(await children('/')).toEqual(['zookeeper']);
    expect(await children('/zookeeper')).toEqual(['config', 'quota']);
    expect(world.server.view.nodeCount).toBe(5);
  });
});

describe('after a crash', () => {
  it('everything that was answered is there', async () => {
    const world = await World.serving();
    const client = await world.client();
    for (let i = 0; i < 50; i++) await world.run(client.request(OpCode.create, create(`/n${i}`, `v${i}`)));
    await world.run(client.request(OpCode.setData, setData('/n7', 'changed')));
    const { lastProcessedZxid } = world.server.view;

    await world.crashAndRestart();

    expect(world.server.view.lastProcessedZxid).toBe(lastProcessedZxid);
    const again = await world.client();
    expect((await world.run(again.request(OpCode.getData, getData('/n7')))).body.readBuffer()).toEqual(
      ascii('changed'),
    );
    expect((await world.run(again.request(OpCode.getData, getData('/n49')))).body.readBuffer()).toEqual(
      ascii('v49'),
    );
  });

  it('what was not durable was not answered', async () => {
    const world = await World.serving();
    const client = await world.client();
    world.holdSyncs();
    client.send(OpCode.create, create('/a'));
    await world.pass(100);
    world.medium.beforeSync = () => {};

    await world.crashAndRestart();

    expect(client.frames).toEqual([]);
    const again = await world.client();
    expect((await world.run(again.request(OpCode.exists, exists('/a')))).err).toBe(ErrorCode.NONODE);
  });

  it('sessions have their whole timeout again, and then expire', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const client = await world.client({ timeout: 10_000 });
    await world.run(client.request(OpCode.create, create('/e', '', 1)));

    await world.crashAndRestart({ tickTime: 1000 });
    const watcher = await world.client({ timeout: 20_000 });
    await world.pass(9000);
    expect((await world.run(watcher.request(OpCode.exists, exists('/e')))).err).toBe(0);
    await world.pass(3000);

    expect((await world.run(watcher.request(OpCode.exists, exists('/e')))).err).toBe(ErrorCode.NONODE);
  });

  it('failed writes keep their zxids, so that none is given twice', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));
    const failed = await world.run(client.request(OpCode.create, create('/a')));

    await world.crashAndRestart();
    const again = await world.client();
    const next = await world.run(again.request(OpCode.create, create('/b')));

    expect(next.zxid).toBe(failed.zxid + 2);
  });
});

describe('a damaged storage', () => {
  async function worldWithSnapshots(): Promise<World> {
    const world = await World.serving({ snapCount: 10, autopurge: { snapRetainCount: 3, intervalMs: 0 } });
    const client = await world.client();
    for (let i = 0; i < 30; i++) await world.run(client.request(OpCode.create, create(`/n${i}`)));
    await world.pass(100);
    await world.run(world.server.close());
    return world;
  }

  it('is served from an older snapshot and the log, where the newest snapshot is damaged', async () => {
    const world = await worldWithSnapshots();
    const { snapshots } = world.medium.durable;
    const newest = toZxid(Math.max(...snapshots.keys()));
    const whole = snapshots.get(newest)!;
    // The owner of a node in the middle, so that it looks like an ephemeral one of a session that is gone.
    snapshots.set(newest, {
      ...whole,
      body: whole.body.map((byte, i) => (i === whole.body.length >> 1 ? byte ^ 0xff : byte)).subarray(0, -20),
    });

    await world.start({ snapCount: 10 });
    const client = await world.client();

    expect(world.lines('snapshot cannot be used')).toHaveLength(1);
    for (let i = 0; i < 30; i++)
      expect((await world.run(client.request(OpCode.exists, exists(`/n${i}`)))).err).toBe(0);
    await world.pass(1000);
    expect(world.lines('snapshot taken').length).toBeGreaterThan(1);
  });

  it('is not served where every snapshot is damaged', async () => {
    const world = await worldWithSnapshots();
    const { snapshots } = world.medium.durable;
    for (const [zxid, { trailer }] of snapshots) snapshots.set(zxid, { body: ascii('nonsense'), trailer });

    await expect(world.start()).rejects.toThrow('DAMAGED: none of');
  });

  it('is not served where a piece of the log is missing', async () => {
    const world = await worldWithSnapshots();
    const { durable } = world.medium;
    for (const zxid of durable.snapshots.keys()) if (zxid > 0) durable.snapshots.delete(zxid);
    durable.segments.splice(1, 1);

    await expect(world.start()).rejects.toMatchObject({
      code: 'DAMAGED',
      file: durable.segments[1]!.name,
      offset: 0,
    });
  });

  it('is not served where an entry in the middle of the log is missing', async () => {
    const world = await worldWithSnapshots();
    const { durable } = world.medium;
    for (const zxid of durable.snapshots.keys()) if (zxid > 0) durable.snapshots.delete(zxid);
    durable.segments[0]!.entries.splice(3, 1);

    await expect(world.start()).rejects.toThrow(/DAMAGED: transactions .* missing/);
  });

  it('is not served where an entry cannot be read', async () => {
    const world = await worldWithSnapshots();
    const { durable } = world.medium;
    for (const zxid of durable.snapshots.keys()) if (zxid > 0) durable.snapshots.delete(zxid);
    const entries = durable.segments[0]!.entries;
    entries[3] = { ...entries[3]!, bytes: entries[3]!.bytes.subarray(0, 40) };

    await expect(world.start()).rejects.toThrow('DAMAGED: a transaction that cannot be read');
  });

  it('is not served where the log ends before what the snapshot has seen', async () => {
    const world = await worldWithSnapshots();
    const { durable } = world.medium;
    const newest = toZxid(Math.max(...durable.snapshots.keys()));
    const snapshot = durable.snapshots.get(newest)!;
    durable.snapshots.set(newest, { ...snapshot, trailer: { lastProcessedZxid: toZxid(newest + 1000) } });

    await expect(world.start()).rejects.toThrow('DAMAGED: the log ends at');
  });

  it('that has a log and no snapshot is served only where that is trusted', async () => {
    const world = await World.serving();
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/a')));
    await world.run(world.server.close());
    world.medium.durable.snapshots.clear();

    await expect(world.start()).rejects.toThrow('snapshot.trust.empty');
    await world.start({ snapshotTrustEmpty: true });

    expect((await world.run((await world.client()).request(OpCode.exists, exists('/a')))).err).toBe(0);
    expect(world.medium.durable.snapshots.size).toBe(1);
  });

  it('is let go of after a start that failed', async () => {
    const world = await worldWithSnapshots();
    world.medium.durable.snapshots.clear();

    await expect(world.start()).rejects.toThrow('DAMAGED');

    await (await memoryStorage({ medium: world.medium })).close();
  });
});

describe('ephemeral nodes of a session that is not known', () => {
  it('are removed by a transaction when the server starts', async () => {
    const world = await World.serving({ snapCount: 4 });
    const client = await world.client();
    await world.run(client.request(OpCode.create, create('/e', '', 1)));
    for (let i = 0; i < 8; i++) await world.run(client.request(OpCode.create, create(`/p${i}`)));
    await world.pass(100);
    await world.run(world.server.close());
    const { lastProcessedZxid } = world.server.view;
    forgetSessions(world);

    await world.start();
    const again = await world.client();

    expect((await world.run(again.request(OpCode.exists, exists('/e')))).err).toBe(ErrorCode.NONODE);
    expect((await world.run(again.request(OpCode.exists, exists('/p7')))).err).toBe(0);
    // One for the session that is gone, one for the new one.
    expect(world.server.view.lastProcessedZxid).toBe(lastProcessedZxid + 2);
    await world.crashAndRestart();
    expect(world.server.view.lastProcessedZxid).toBe(lastProcessedZxid + 2);
  });

  /** Takes the sessions out of the newest snapshot: a count, then id and timeout of each. */
  function forgetSessions(world: World): void {
    const { snapshots } = world.medium.durable;
    const newest = toZxid(Math.max(...snapshots.keys()));
    const { body, trailer } = snapshots.get(newest)!;
    const count = new DataView(body.buffer, body.byteOffset).getInt32(0);
    const without = body.slice(count * 12);
    without.set([0, 0, 0, 0]);
    snapshots.set(newest, { body: without, trailer });
  }
});
