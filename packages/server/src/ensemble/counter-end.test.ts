import { counterOf, epochOf, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentAnywhere, acknowledgedOf, sendCreates } from '../../test/ensemble-nodes.ts';
import { EnsembleWorld } from '../../test/ensemble-world.ts';
import { create } from '../../test/requests.ts';
import type { TestClient } from '../../test/test-client.ts';

const TICK = 200;

describe('an ensemble whose counter nears its end (ZOOKEEPER-1277, 4883, 2789)', () => {
  it('begins a new epoch in a pause, and no request of a client fails for it', async () => {
    const world = await nearTheEnd(0xf000_0000 - 12);
    const first = await world.client(3);
    first.end();
    await world.pass(1000);
    await world.serving();
    const clients = await Promise.all([1, 2, 3].map((sid) => world.client(sid, { timeout: 4000 })));
    const paths: string[] = [];
    for (let i = 0; i < 12; i++) {
      for (const [at, client] of clients.entries()) {
        if (client.isClosed) clients[at] = await comeBack(world, at + 1, client);
        paths.push(`/n${i}-${at}`);
        const reply = await world.run(clients[at]!.request(OpCode.create, create(paths.at(-1)!)));
        expect(reply.err).toBe(0);
      }
      await world.pass(TICK * 1.5);
    }

    expect(world.lines('back to election').map(({ fields }) => fields['reason'])).toContain(
      'the counter of this epoch nears its end',
    );
    expect(await absentAnywhere(world, paths)).toEqual([]);
    expect(await world.differences()).toEqual([]);
  });

  it('goes on in a new epoch where there was no pause, and loses nothing', async () => {
    const world = await nearTheEnd(0xffff_ffff - 20);
    const clients = await Promise.all([1, 3].map((sid) => world.client(sid, { timeout: 4000 })));
    const sent = clients.map((client, at) => sendCreates(client, `n${at}-`, 6));
    await world.pass(10);
    for (const [at, client] of clients.entries()) sent[at]!.push(...sendCreates(client, `more${at}-`, 100));
    await world.pass(3000);
    await world.serving();

    const acknowledged = clients.flatMap((client, at) => acknowledgedOf(client, sent[at]!));
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(await absentAnywhere(world, acknowledged)).toEqual([]);
    expect(await world.differences()).toEqual([]);
    for (const sid of [1, 2, 3]) expect(outOfOrder(zxidsLogged(world, sid))).toEqual([]);
  });

  it('logs nothing behind it where many sessions expire at once', async () => {
    const world = await nearTheEnd(0xffff_ffff - 130);
    const slow = (): Promise<void> => new Promise((resolve) => void world.runtime.clock.after(150, resolve));
    for (const sid of [1, 2]) world.medium(sid).beforeSync = slow;
    const writer = await world.client(3, { timeout: 4000 });
    const sessions = Promise.all(Array.from({ length: 60 }, () => world.connect(3, { timeout: 1000 })));
    let next = 0;
    // Something is under way all the time: there is no pause before the sessions expire.
    while (!writer.isClosed && next < 100) {
      writer.send(OpCode.create, create(`/n${next++}`));
      await world.pass(50);
      if (next === 8) for (const client of await sessions) client.destroy();
    }

    const reasons = world.lines('back to election').map(({ fields }) => fields['reason']);
    expect(reasons).toContain('the counter of this epoch is at its end');
    expect(world.lines('session has expired')).toHaveLength(60);
    for (const sid of [1, 2, 3]) expect(outOfOrder(zxidsLogged(world, sid))).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])('gives no zxid twice where a member dies on the way (%i)', async (seed) => {
    const world = await nearTheEnd(0xffff_ffff - 20);
    const client = await world.client(3, { timeout: 4000 });
    const sent = sendCreates(client, 'n', 60);
    await world.pass(seed % 3);
    world.crash(seed % 2 === 0 ? 3 : 2);
    await world.pass(3000);
    await world.start(seed % 2 === 0 ? 3 : 2);
    await world.pass(1000);
    await world.serving();

    expect(await absentAnywhere(world, acknowledgedOf(client, sent))).toEqual([]);
    expect(await world.differences()).toEqual([]);
    for (const sid of [1, 2, 3]) expect(outOfOrder(zxidsLogged(world, sid))).toEqual([]);
  });
});

/** The first leader begins to count there; whoever leads afterwards begins as always. */
async function nearTheEnd(counter: number): Promise<EnsembleWorld> {
  let isFirst = true;
  const world = await EnsembleWorld.elected({
    size: 3,
    config: { tickTime: TICK },
    initialCounter: () => {
      const begin = isFirst ? counter : 0;
      isFirst = false;
      return begin;
    },
  });
  // Every disk has all that came before: the snapshot that one of them was sent.
  const snapshots = new Map([1, 2, 3].flatMap((sid) => [...world.medium(sid).durable.snapshots]));
  for (const sid of [1, 2, 3]) world.medium(sid).durable.snapshots = new Map(snapshots);
  return world;
}

function zxidsLogged(world: EnsembleWorld, sid: number): number[] {
  return world.medium(sid).durable.segments.flatMap(({ entries }) => entries.map(({ zxid }) => zxid));
}

/** Zxids that no leader gives out behind the one before. */
function outOfOrder(zxids: readonly number[]): number[] {
  return zxids.filter((zxid, i) => {
    const before = zxids[i - 1];
    if (before === undefined || (epochOf(zxid as never) === epochOf(before as never) && zxid === before + 1))
      return false;
    return epochOf(zxid as never) <= epochOf(before as never) || counterOf(zxid as never) !== 1;
  });
}

async function comeBack(world: EnsembleWorld, sid: number, before: TestClient): Promise<TestClient> {
  // Nothing was under way when its connection ended.
  expect(before.frames).toEqual([]);
  const { sessionId, passwd: password } = before.session!;
  await world.serving();
  return world.client(sid, { sessionId, password, timeout: 4000 });
}
