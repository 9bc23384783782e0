import { CreateMode, OpCode, type Zxid } from '@corral/protocol';
import { silentLogger, collectingMetrics } from '@corral/runtime';
import { CommittedLog } from '@corral/zab';
import { memoryStorage } from '@corral/persistence/memory';
import { describe, expect, it } from 'vitest';
import { absentNodes, createNodes } from '../../test/ensemble-nodes.ts';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, remove, setData } from '../../test/requests.ts';
import { defaultServerConfig } from '../config.ts';
import { treeOptions } from '../from-config.ts';
import { Replica } from './replica.ts';

describe('a disk that fails once (ZOOKEEPER-4882)', () => {
  it('ends its member, and nothing is missing there when it is back', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const disk = holdDisk(world, 1);
    const paths = await createNodes(world, 3, 10);

    disk.fail();
    await world.pass(100);

    expect(world.lines('cannot go on').map(({ sid }) => sid)).toEqual([1]);
    world.crash(1);
    await world.start(1);
    await world.serving(1);
    expect(await absentNodes(world, 1, paths)).toEqual([]);
    world.crash(1);
    await world.start(1);
    await world.serving(1);
    expect(await absentNodes(world, 1, paths)).toEqual([]);
  });

  it('while it hangs, keeps its member out of the next election', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    const disk = holdDisk(world, 2);
    const paths = await createNodes(world, 3, 10);
    world.crash(3);

    await world.pass(5000);
    expect(world.lines('leading, and serving').map(({ sid }) => sid)).toEqual([3]);
    disk.goOn();
    await world.pass(5000);
    await world.serving(1, 2);

    for (const sid of [1, 2]) expect(await absentNodes(world, sid, paths)).toEqual([]);
  });
});

describe('a snapshot with what was never committed (ZOOKEEPER-4837)', () => {
  it('goes with it when the leader has it cut off', async () => {
    const world = await EnsembleWorld.led(3, { size: 3 });
    const owner = await world.client(2);
    await world.run(owner.request(OpCode.create, create('/kept', '', CreateMode.EPHEMERAL)));
    const client = await world.client(3);
    world.isolate(3);
    client.send(OpCode.create, create('/never', '', CreateMode.EPHEMERAL));
    client.send(OpCode.closeSession);
    await world.pass(50);
    for (const sid of [1, 2, 3]) world.crash(sid);
    const newest = await takeSnapshot(world, 3);
    world.network.heal();

    world.elect(undefined);
    await world.start(1);
    await world.start(2);
    world.elect(2);
    await world.serving(1, 2);
    await world.start(3);
    await world.serving(3);

    expect(world.lines('TRUNC from').map(({ sid }) => sid)).toEqual([3]);
    expect(newest).toBeGreaterThan(world.members.get(2)!.view.lastProcessedZxid % 2 ** 32);
    expect(world.medium(3).durable.snapshots.has(newest)).toBe(false);
    expect(await absentNodes(world, 3, ['/kept', '/never'])).toEqual(['/never']);
    expect(await world.differences()).toEqual([]);
    world.crash(3);
    await world.start(3);
    await world.serving(3);
    expect(await absentNodes(world, 3, ['/kept', '/never'])).toEqual(['/never']);
  });
});

describe('an ephemeral node that was proposed when the leader died (ZOOKEEPER-5010)', () => {
  it.each([[[]], [[1]], [[4]], [[1, 2]], [[3, 4]], [[1, 2, 3]], [[1, 2, 3, 4]]])(
    'is on all members or on none, where it had reached %j',
    async (reached) => {
      const world = await EnsembleWorld.elected({ size: 5 });
      const client = await world.client(5, { timeout: 4000 });
      await world.run(client.request(OpCode.create, create('/a')));
      await world.run(client.request(OpCode.setData, setData('/a', 'one')));
      await world.run(client.request(OpCode.delete, remove('/a')));
      for (const sid of [1, 2, 3, 4])
        if (reached.includes(sid)) world.network.partitionOneWay(`s${sid}`, 's5');
        else world.network.partition(`s${sid}`, 's5');
      client.send(OpCode.create, create('/e', '', CreateMode.EPHEMERAL));
      await world.pass(20);
      expect(client.frames).toEqual([]);

      world.crash(5);
      world.network.heal();
      await world.pass(3000);
      await world.serving(1, 2, 3, 4);
      await world.start(5);
      await world.serving();

      expect(await world.differences()).toEqual([]);
      const after = await Promise.all([1, 2, 3, 4, 5].map((sid) => absentNodes(world, sid, ['/e'])));
      expect(new Set(after.map(String)).size).toBe(1);
      await world.pass(6000);
      for (const sid of [1, 2, 3, 4, 5]) expect(await absentNodes(world, sid, ['/e'])).toEqual(['/e']);
    },
  );
});

describe('a session that ends while there is no quorum, on a server that serves reads (ZOOKEEPER-3526)', () => {
  it('leaves nothing in a log, and nothing is cut off anywhere afterwards', async () => {
    const world = await EnsembleWorld.elected({ size: 3, ensemble: { readOnlyMode: true } });
    const paths = await createNodes(world, 3, 10);
    world.crash(2);
    world.crash(3);
    await world.pass(5000);
    const logged = world.medium(1).durable.segments.flatMap(({ entries }) => entries.map(({ zxid }) => zxid));
    const closing = await world.client(1, { acceptsReadOnly: true, timeout: 1000 });
    const dying = await world.client(1, { acceptsReadOnly: true, timeout: 1000 });
    await world.run(closing.request(OpCode.closeSession));
    dying.destroy();
    await world.pass(5000);
    expect(
      world.medium(1).durable.segments.flatMap(({ entries }) => entries.map(({ zxid }) => zxid)),
    ).toEqual(logged);

    await world.start(2);
    await world.pass(3000);
    await world.start(3);
    await world.pass(3000);
    await world.serving();

    expect(world.lines('TRUNC')).toEqual([]);
    for (const sid of [1, 2, 3]) expect(await absentNodes(world, sid, paths)).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });
});

describe('a transaction that only one member ever logged (ZOOKEEPER-2832, 2846)', () => {
  it('does not come back from its log once a snapshot has replaced it, and reaches nobody as history', async () => {
    const world = await EnsembleWorld.led(2, {
      size: 3,
      ensemble: { forceSnapshotSync: true, commitLogCount: 1, snapshotSizeFactor: 1000 },
    });
    const paths = await createNodes(world, 2, 3);
    const client = await world.client(2);
    world.isolate(2);
    client.send(OpCode.create, create('/never'));
    await world.pass(50);
    await restart(world, 3, 1, 3);
    await restart(world, 3, 2, 3);
    expect(world.lines('SNAP at').map(({ sid }) => sid)).toContain(2);
    paths.push(...(await createNodes(world, 3, 3, 'later')));

    await restart(world, 2, 2, 1);

    for (const sid of [1, 2]) expect(await absentNodes(world, sid, [...paths, '/never'])).toEqual(['/never']);
  });
});

/** Everybody goes down, and those come up again, led by one of them. */
async function restart(world: EnsembleWorld, leader: number, ...sids: number[]): Promise<void> {
  for (const sid of world.members.keys()) world.crash(sid);
  world.network.heal();
  world.elect(undefined);
  for (const sid of sids) await world.start(sid);
  world.elect(leader);
  await world.serving(...sids);
}

/** Nothing of this member becomes durable until it is said how that ends. */
function holdDisk(world: EnsembleWorld, sid: number): { fail(): void; goOn(): void } {
  const medium = world.medium(sid);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  medium.beforeSync = () => promise;
  const end = (settle: () => void): void => {
    medium.beforeSync = () => {};
    settle();
  };
  return { fail: () => end(() => reject(new Error('EIO'))), goOn: () => end(resolve) };
}

/** As this member would take one after a start: of everything in its log. Returns its zxid. */
async function takeSnapshot(world: EnsembleWorld, sid: number): Promise<Zxid> {
  const { clock, random } = world.runtime;
  const storage = await memoryStorage({ medium: world.medium(sid) });
  const { replica } = await Replica.load({
    storage,
    treeOptions: treeOptions(defaultServerConfig, random),
    committedLog: new CommittedLog(),
    config: defaultServerConfig,
    clock,
    random,
    logger: silentLogger,
    metrics: collectingMetrics(),
  });
  await world.run(replica.snapshotting.take());
  await storage.close();
  return replica.lastZxid;
}
