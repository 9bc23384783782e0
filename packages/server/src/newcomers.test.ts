import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create } from '../test/requests.ts';
import { connectFrame, type TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';

async function crowd(world: World, count: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await world.dial());
  return clients;
}

describe('after a restart', () => {
  it('sessions of before come back ahead of new ones, however many of those were first', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    const before = await world.client();
    await world.crashAndRestart({ maxClientCnxns: 0 });
    const newcomers = await crowd(world, 1000);
    const back = await world.dial();
    const disk = world.holdSyncs();
    for (const client of newcomers) client.sendRaw(connectFrame());
    back.sendRaw(connectFrame({ sessionId: before.session!.sessionId, password: before.session!.passwd }));
    await world.pass(50);

    expect(back.frames).toHaveLength(1);
    // What the disk is busy with is bounded, too.
    expect(world.server.view.outstandingRequests).toBe(200);
    disk.release();
    await world.pass(1000);
    expect(newcomers.filter(({ frames }) => frames.length === 1)).toHaveLength(1000);
  });

  it('those that leave while they wait hold up nobody', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    await world.client();
    await world.crashAndRestart({ maxClientCnxns: 0 });
    const leaving = await crowd(world, 300);
    const staying = await crowd(world, 300);
    const disk = world.holdSyncs();
    for (const client of [...leaving, ...staying]) client.sendRaw(connectFrame());
    await world.pass(10);
    for (const client of leaving) client.destroy();
    await world.pass(10);
    disk.release();
    await world.pass(1000);

    expect(staying.filter(({ frames }) => frames.length === 1)).toHaveLength(300);
  });

  it('nobody waits any more once all of them are back or have expired', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    await world.client();
    await world.crashAndRestart({ maxClientCnxns: 0 });
    await world.pass(60_001);
    const newcomers = await crowd(world, 300);
    const disk = world.holdSyncs();
    for (const client of newcomers) client.sendRaw(connectFrame());
    await world.pass(10);

    expect(world.server.view.outstandingRequests).toBe(300);
    disk.release();
  });

  it('a server that has no sessions of before makes new ones at once', async () => {
    const world = await World.serving({ maxClientCnxns: 0 });
    const newcomers = await crowd(world, 300);
    const disk = world.holdSyncs();
    for (const client of newcomers) client.sendRaw(connectFrame());
    await world.pass(10);

    expect(world.server.view.outstandingRequests).toBe(300);
    disk.release();
    await world.pass(100);
    expect((await world.run(newcomers[0]!.frame())).length).toBeGreaterThan(0);
    expect((await world.run(newcomers[0]!.request(OpCode.create, create('/a')))).err).toBe(0);
  });
});
