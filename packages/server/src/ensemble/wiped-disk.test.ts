import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentNodes, createNodes } from '../../test/ensemble-nodes.ts';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, setData } from '../../test/requests.ts';

/** Nothing is begun on an empty disk unless it is said to be right (the file `initialize`). */
const CAREFUL = { size: 3, ensemble: { dbAutocreate: false }, hasRealElections: true };

describe('a member whose disk was replaced by an empty one, with db.autocreate=false (ZOOKEEPER-261)', () => {
  it('makes no quorum with one that was away when writes were acknowledged', async () => {
    const { world, paths } = await writtenOnTwo();

    await world.start(1);
    await world.start(2);
    await world.pass(20_000);

    expect([1, 2].map((sid) => world.members.get(sid)!.view.isServing)).toEqual([false, false]);
    await world.start(3);
    await world.serving();
    for (const sid of [1, 2, 3]) expect(await absentNodes(world, sid, paths)).toEqual([]);
  });

  it('follows those that have the data, and has a vote from then on', async () => {
    const { world, paths } = await writtenOnTwo();
    await world.start(3);
    await world.start(1);
    await world.serving(1, 3);
    await world.start(2);
    await world.serving();
    for (const sid of world.members.keys()) expect(await absentNodes(world, sid, paths)).toEqual([]);

    world.crash(3);
    world.crash(1);
    await world.start(1);
    await world.pass(2000);
    await world.serving(1, 2);

    for (const sid of [1, 2]) expect(await absentNodes(world, sid, paths)).toEqual([]);
  });

  it('still has no vote where it went down before it was up to date', async () => {
    const { world } = await writtenOnTwo();
    await world.start(2);
    await world.pass(1000);
    world.medium(2).beforeSync = () => new Promise(() => {});
    await world.start(3);
    await world.start(1);
    await world.pass(1000);
    for (const sid of [1, 2, 3]) world.crash(sid);
    world.medium(2).beforeSync = () => {};

    await world.start(1);
    await world.start(2);
    await world.pass(20_000);

    // Server 1 has all by now, and only its own vote.
    expect([1, 2].map((sid) => world.members.get(sid)!.view.isServing)).toEqual([false, false]);
  });

  it('begins with nothing where it is told that this is right', async () => {
    const world = new EnsembleWorld(CAREFUL);
    for (const sid of [1, 2, 3]) await world.start(sid, { dbAutocreate: true });

    await world.serving();

    const client = await world.client(1);
    expect((await world.run(client.request(OpCode.create, create('/a')))).err).toBe(0);
  });

  it('serves nobody where all disks are empty, until two are told that this is right', async () => {
    const world = new EnsembleWorld(CAREFUL);
    for (const sid of [1, 2, 3]) await world.start(sid);
    await world.pass(20_000);
    expect([...world.members.values()].map(({ view }) => view.isServing)).toEqual([false, false, false]);

    for (const sid of [2, 3]) {
      world.crash(sid);
      await world.start(sid, { dbAutocreate: true });
    }

    await world.serving();
  });
});

describe('a member whose disk is that of an earlier day', () => {
  it('is brought up to date by those that lead on, whoever it would have elected', async () => {
    const world = await EnsembleWorld.elected({ size: 3 });
    const paths = await createNodes(world, 3, 5);
    world.crash(3);
    const earlier = world.copyOfDisk(3);
    await world.start(3);
    await world.serving();
    paths.push(...(await createNodes(world, 1, 5, 'later')));
    world.crash(3);
    world.restore(3, earlier);

    await world.start(3);
    await world.serving();

    expect(await absentNodes(world, 3, paths)).toEqual([]);
    expect(await world.differences()).toEqual([]);
    const client = await world.client(3);
    expect((await world.run(client.request(OpCode.setData, setData('/n0', 'x')))).err).toBe(0);
  });
});

/** Ten writes on the disks of 2 and 3; then all go down, and the disk of 2 is lost. */
async function writtenOnTwo(): Promise<{ readonly world: EnsembleWorld; readonly paths: readonly string[] }> {
  const world = new EnsembleWorld(CAREFUL);
  for (const sid of [1, 2, 3]) await world.start(sid, { dbAutocreate: true });
  await world.serving();
  world.crash(1);
  const paths = await createNodes(world, 3, 10);
  world.crash(2);
  world.crash(3);
  world.wipe(2);
  return { world, paths };
}
