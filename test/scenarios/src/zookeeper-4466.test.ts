import { AddWatchMode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { addWatch, create, getData, setData, World } from './harness/server-specs.ts';
import { eventsOf } from './harness/watching.ts';

describe('ZOOKEEPER-4466: a watch of one mode on a path takes the place of one of another mode', () => {
  it.each([
    ['before', true],
    ['behind', false],
  ])('a one-shot watch set %s a persistent one fires, and the persistent one stays', async (_, isFirst) => {
    // Given a one-shot and a persistent watch of one client on one path, in either order
    const { world, client, other } = await watchedNode();
    const oneShot = async () => void (await world.run(client.request(OpCode.getData, getData('/a', true))));
    if (isFirst) await oneShot();
    await world.run(client.request(OpCode.addWatch, addWatch('/a', AddWatchMode.PERSISTENT)));
    if (!isFirst) await oneShot();

    // When the node changes three times, then the client hears of each once
    for (let i = 0; i < 3; i++) await world.run(other.request(OpCode.setData, setData('/a', `${i}`)));
    expect(eventsOf(client)).toEqual(['changed /a', 'changed /a', 'changed /a']);
  });

  it('a recursive watch set on the path of a persistent one leaves that as it was, and hears of what is below', async () => {
    // Given both on one path
    const { world, client, other } = await watchedNode();
    await world.run(client.request(OpCode.addWatch, addWatch('/a', AddWatchMode.PERSISTENT)));
    await world.run(client.request(OpCode.addWatch, addWatch('/a', AddWatchMode.PERSISTENT_RECURSIVE)));

    // When something comes below, then the one hears that the children changed, the other that it was made
    await world.run(other.request(OpCode.create, create('/a/b')));
    await world.run(other.request(OpCode.create, create('/a/b/c')));
    expect(eventsOf(client).toSorted()).toEqual(['children /a', 'created /a/b', 'created /a/b/c']);
  });
});

async function watchedNode() {
  const world = await World.serving();
  const other = await world.client();
  await world.run(other.request(OpCode.create, create('/a')));
  return { world, other, client: await world.client() };
}
