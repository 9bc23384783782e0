import { CreateMode, CreateTTLRequest, ErrorCode, OpCode, OPEN_ACL_UNSAFE } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { create, exists, remove } from '../test/requests.ts';
import type { TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';

const container = { checkIntervalMs: 60_000, maxPerMinute: 10_000, maxNeverUsedIntervalMs: 0 };
const patient = { tickTime: 60_000 };

async function isThere(world: World, client: TestClient, path: string): Promise<boolean> {
  const { err } = await world.run(client.request(OpCode.exists, exists(path)));
  return err !== ErrorCode.NONODE;
}

describe('containers', () => {
  it('go when their last child has gone, and not before they had one', async () => {
    const world = await World.serving({ container, ...patient });
    const client = await world.client({ timeout: 1_000_000 });
    for (const path of ['/used', '/unused', '/inUse']) {
      await world.run(client.request(OpCode.createContainer, create(path, '', CreateMode.CONTAINER)));
    }
    for (const path of ['/used/c', '/inUse/c']) await world.run(client.request(OpCode.create, create(path)));
    await world.run(client.request(OpCode.delete, remove('/used/c')));

    await world.pass(61_000);

    expect(await isThere(world, client, '/used')).toBe(false);
    expect(await isThere(world, client, '/unused')).toBe(true);
    expect(await isThere(world, client, '/inUse')).toBe(true);
  });

  it('that nobody ever used go after a while, where that is asked for', async () => {
    const world = await World.serving({
      container: { ...container, maxNeverUsedIntervalMs: 100_000 },
      ...patient,
    });
    const client = await world.client({ timeout: 1_000_000 });
    await world.run(client.request(OpCode.createContainer, create('/unused', '', CreateMode.CONTAINER)));

    await world.pass(70_000);
    expect(await isThere(world, client, '/unused')).toBe(true);

    await world.pass(60_000);
    expect(await isThere(world, client, '/unused')).toBe(false);
  });

  it('go at no more than the pace that is allowed', async () => {
    const world = await World.serving({ container: { ...container, maxPerMinute: 6 }, ...patient });
    const client = await world.client({ timeout: 1_000_000 });
    for (let i = 0; i < 5; i++) {
      await world.run(client.request(OpCode.createContainer, create(`/c${i}`, '', CreateMode.CONTAINER)));
      await world.run(client.request(OpCode.create, create(`/c${i}/x`)));
      await world.run(client.request(OpCode.delete, remove(`/c${i}/x`)));
    }

    await world.pass(60_000 + 25_000);

    expect(world.server.view.nodeCount).toBe(5 + 2);
  });

  it('tell those who watch them', async () => {
    const world = await World.serving({ container, ...patient });
    const client = await world.client({ timeout: 1_000_000 });
    await world.run(client.request(OpCode.createContainer, create('/c', '', CreateMode.CONTAINER)));
    await world.run(client.request(OpCode.create, create('/c/x')));
    await world.run(client.request(OpCode.delete, remove('/c/x')));
    await world.run(client.request(OpCode.exists, exists('/c', true)));

    await world.pass(61_000);

    expect(await world.run(client.event())).toMatchObject({ type: 2, path: '/c' });
  });
});

describe('nodes with a time to live', () => {
  it('go when nobody has changed them for that time', async () => {
    const world = await World.serving({ container, extendedTypesEnabled: true, ...patient });
    const client = await world.client({ timeout: 1_000_000 });
    const request = new CreateTTLRequest(
      '/t',
      null,
      [...OPEN_ACL_UNSAFE],
      CreateMode.PERSISTENT_WITH_TTL,
      90_000,
    );
    expect((await world.run(client.request(OpCode.createTTL, request))).err).toBe(0);

    await world.pass(61_000);
    expect(await isThere(world, client, '/t')).toBe(true);

    await world.pass(60_000);
    expect(await isThere(world, client, '/t')).toBe(false);
  });

  it('are not to be had where they are not switched on', async () => {
    const world = await World.serving();
    const client = await world.client();
    const request = new CreateTTLRequest(
      '/t',
      null,
      [...OPEN_ACL_UNSAFE],
      CreateMode.PERSISTENT_WITH_TTL,
      1000,
    );

    expect((await world.run(client.request(OpCode.createTTL, request))).err).toBe(ErrorCode.UNIMPLEMENTED);
  });
});
