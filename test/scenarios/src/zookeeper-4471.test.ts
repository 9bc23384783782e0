import { AddWatchMode, ErrorCode, OpCode, RemoveWatchesRequest, WatcherType } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, getChildren, getData, setData, World } from './harness/server-specs.ts';
import { eventsOf } from './harness/watching.ts';

describe('ZOOKEEPER-4471: removing the one-shot watches of a path takes its persistent ones along', () => {
  it.each([
    ['data', WatcherType.Data],
    ['children', WatcherType.Children],
  ])('without those of %s, persistent watches are still there', async (_, type) => {
    // Given a client with every kind of watch on one path
    const world = await World.serving();
    const other = await world.client();
    await world.run(other.request(OpCode.create, create('/a')));
    const client = await world.client();
    await world.run(client.request(OpCode.getData, getData('/a', true)));
    await world.run(client.request(OpCode.getChildren, getChildren('/a', true)));
    for (const mode of [AddWatchMode.PERSISTENT, AddWatchMode.PERSISTENT_RECURSIVE])
      await world.run(client.request(OpCode.addWatch, addWatch('/a', mode)));

    // When it removes the one-shot ones of a kind
    const remove = new RemoveWatchesRequest('/a', type);
    expect((await world.run(client.request(OpCode.removeWatches, remove))).err).toBe(0);
    expect((await world.run(client.request(OpCode.removeWatches, remove))).err).toBe(ErrorCode.NOWATCHER);

    // Then the others hear what they always heard
    for (let i = 0; i < 2; i++) await world.run(other.request(OpCode.setData, setData('/a', `${i}`)));
    await world.run(other.request(OpCode.create, create('/a/b')));
    expect(eventsOf(client).toSorted()).toEqual(['changed /a', 'changed /a', 'children /a', 'created /a/b']);
  });
});
