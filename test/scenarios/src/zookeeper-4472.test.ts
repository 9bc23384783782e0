import { AddWatchMode, ErrorCode, OpCode, RemoveWatchesRequest, WatcherType } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, getData, setData, World } from './harness/server-specs.ts';
import { eventsOf } from './harness/watching.ts';

describe('ZOOKEEPER-4472: a persistent watch can only be removed together with everything else on its path', () => {
  it.each([
    ['persistent', WatcherType.Persistent, ['changed /a', 'created /a/b']],
    ['recursive', WatcherType.PersistentRecursive, ['changed /a', 'children /a']],
  ])('the %s one goes alone', async (_, type, heard) => {
    // Given a client with a one-shot, a persistent and a recursive watch on one path
    const world = await World.serving();
    const other = await world.client();
    await world.run(other.request(OpCode.create, create('/a')));
    const client = await world.client();
    await world.run(client.request(OpCode.getData, getData('/a', true)));
    for (const mode of [AddWatchMode.PERSISTENT, AddWatchMode.PERSISTENT_RECURSIVE])
      await world.run(client.request(OpCode.addWatch, addWatch('/a', mode)));

    // When it removes one of them
    const remove = new RemoveWatchesRequest('/a', type);
    expect((await world.run(client.request(OpCode.removeWatches, remove))).err).toBe(0);
    expect((await world.run(client.request(OpCode.removeWatches, remove))).err).toBe(ErrorCode.NOWATCHER);

    // Then the others are still there
    await world.run(other.request(OpCode.setData, setData('/a', 'x')));
    await world.run(other.request(OpCode.create, create('/a/b')));
    expect(eventsOf(client)).toEqual(heard);
    expect(world.server.view.watches.watchCount).toBe(1);
  });
});
