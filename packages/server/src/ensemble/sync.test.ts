import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create, getData, setData, sync } from '../../test/requests.ts';
import { replyOf, type TestClient } from '../../test/test-client.ts';

describe('a sync, and a read behind it, at a follower of a leader that was replaced (ZOOKEEPER-1675, 2136, 3600)', () => {
  it('never show what was there before', async () => {
    const { world, client } = await oldLeaderAndItsFollower({ linearizableSync: true });

    const replies = await syncAndRead(world, client);

    expect(replies).not.toContain('old');
    expect(client.isClosed).toBe(true);
  });

  it('may show what was there before where that is switched off, as with Apache', async () => {
    const { world, client } = await oldLeaderAndItsFollower({ linearizableSync: false });

    expect(await syncAndRead(world, client)).toEqual(['/a', 'old']);
  });

  it('show what is there once the follower has found the new leader', async () => {
    const { world, client } = await oldLeaderAndItsFollower({ linearizableSync: true });
    await syncAndRead(world, client);
    world.network.heal();
    await world.pass(5000);
    await world.serving();

    const again = await world.client(1);

    expect(await syncAndRead(world, again)).toEqual(['/a', 'new']);
  });
});

describe('a sync of a leader that still leads', () => {
  it('is answered while a minority is silent', async () => {
    const world = await EnsembleWorld.elected({ size: 5 });
    const writer = await world.client(5);
    await world.run(writer.request(OpCode.create, create('/a', 'old')));
    world.stall(1);
    world.stall(2);

    for (const sid of [3, 5])
      expect(await syncAndRead(world, await world.client(sid))).toEqual(['/a', 'old']);
  });

  it('is answered by one that has no followers to ask', async () => {
    const world = await EnsembleWorld.elected({ size: 1 });
    const client = await world.client(1);
    await world.run(client.request(OpCode.create, create('/a', 'old')));

    expect(await syncAndRead(world, client)).toEqual(['/a', 'old']);
  });
});

/** Server 5 leads, and is cut off together with 1; it does not notice for long, while the others elect and write. */
async function oldLeaderAndItsFollower(ensemble: {
  readonly linearizableSync: boolean;
}): Promise<{ readonly world: EnsembleWorld; readonly client: TestClient }> {
  const world = new EnsembleWorld({ size: 5, hasRealElections: true, ensemble });
  for (const sid of [1, 2, 3, 4, 5]) await world.start(sid, sid === 1 || sid === 5 ? { syncLimit: 50 } : {});
  await world.serving();
  const client = await world.client(1, { timeout: 4000 });
  await world.run(client.request(OpCode.create, create('/a', 'old')));
  world.isolate(1, 5);
  await world.pass(2000);
  await world.serving(2, 3, 4);
  const writer = await world.client(2);
  expect((await world.run(writer.request(OpCode.setData, setData('/a', 'new')))).err).toBe(0);
  expect([client.isClosed, world.members.get(1)!.view.isServing]).toEqual([false, true]);
  return { world, client };
}

/** What came of both, before the connection ended: the path of the sync and the data of the node. */
async function syncAndRead(world: EnsembleWorld, client: TestClient): Promise<string[]> {
  client.send(OpCode.sync, sync('/a'));
  client.send(OpCode.getData, getData('/a'));
  for (let i = 0; i < 120 && client.frames.length < 2 && !client.isClosed; i++) await world.pass(100);
  return client.frames
    .splice(0)
    .map(replyOf)
    .filter(({ err }) => err === 0)
    .map(({ body }) => new TextDecoder().decode(body.readBuffer()!));
}
