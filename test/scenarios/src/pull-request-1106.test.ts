import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { createNodes, EnsembleWorld } from './harness/server-specs.ts';

it('Pull request 1106 (by design): a persistent watch says nothing of what happened while its client was away', async () => {
  // given: a client with a persistent and a recursive watch
  const world = await EnsembleWorld.elected({ size: 3 });
  const zk = openClient(world, [1, 2], { sessionTimeout: 8000 });
  await world.run(zk.create('/a', 'old'));
  const heard: string[] = [];
  await world.run(zk.subscribe('/a', ({ type }) => void heard.push(`a ${type}`)));
  await world.run(
    zk.subscribe('/', ({ type, path }) => void heard.push(`all ${type} ${path}`), { recursive: true }),
  );

  // when: it is cut off from all servers while things happen
  for (const server of ['s1', 's2']) {
    world.network.partition('program-1', server);
    world.network.reset('program-1', server);
  }
  await createNodes(world, 3, 1);
  await world.pass(500);
  expect(heard).toEqual([]);
  world.network.heal();

  // then: each is told that it may have missed something, so that its owner reads again, and stands
  await world.run(zk.set('/a', 'new'));
  await world.run(zk.sync());
  expect(heard.toSorted()).toEqual(['a changed', 'a resync', 'all changed /a', 'all resync /']);
  await world.run(zk.close());
});
