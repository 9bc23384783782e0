import { describe, expect, it } from 'vitest';
import { absentNodes, createNodes, EnsembleWorld } from './harness/server-specs.ts';

describe('ZOOKEEPER-596: the newest zxid of a server is read from its log alone, and its vote says less than it has', () => {
  it('a server that has a snapshot and no log is elected for what the snapshot has', async () => {
    // Given three servers, of which the third has everything in a snapshot, and one of the others nothing of late
    const world = await EnsembleWorld.elected({ size: 3, config: { snapCount: 10 } });
    const paths = await createNodes(world, 3, 10);
    await world.pass(500);
    world.crash(1);
    paths.push(...(await createNodes(world, 3, 30, 'later')));
    await world.pass(500);
    world.crash(2);
    world.crash(3);
    const { durable } = world.medium(3);
    const newest = Math.max(...durable.snapshots.keys());
    const inLogAlone = durable.segments.flatMap(({ entries }) => entries).filter(({ zxid }) => zxid > newest);
    paths.length -= inLogAlone.length;

    // When its log is lost
    durable.segments.length = 0;
    await world.start(1);
    await world.start(3);
    await world.serving(1, 3);

    // Then it leads, and gives the other what it has
    expect(world.members.get(3)!.view.mode).toBe('leader');
    expect(await absentNodes(world, 1, paths)).toEqual([]);
  });
});
