import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { create, createNodes, EnsembleWorld, setData } from './harness/server-specs.ts';
import { OpCode } from '@corral/protocol';

it('ZOOKEEPER-1417: clients do not agree on the last zxid they have seen, and are let in by a server that is behind it', async () => {
  // given: a client on server 1 that has heard of everything, by pings and events alone
  const world = await EnsembleWorld.elected({ size: 3 });
  const zk = openClient(world, [1], { sessionTimeout: 8000 });
  await world.run(zk.connected());
  await world.run(zk.create('/a', 'old'));
  const { changed } = await world.run(zk.once.get('/a'));
  const other = await world.client(3);
  await createNodes(world, 3, 5);

  // when: server 2 falls behind, a change is told to the client, and its server is gone
  world.isolate(2);
  await world.run(other.request(OpCode.setData, setData('/a', 'new')));
  expect((await world.run(changed)).type).toBe('changed');
  await world.pass(50);
  const isServing = (): boolean => world.members.get(2)!.view.isServing;
  expect(isServing()).toBe(true);
  zk.useServers('s2:2181');
  world.network.reset('program-1', 's1');
  const read = zk.get('/a');
  await world.pass(300);

  // then: the one that is behind does not let it in, and once it has caught up the client reads what it was told of
  world.network.heal();
  await world.run(other.request(OpCode.create, create('/b')));
  const { data } = await world.run(read);
  expect(new TextDecoder().decode(data)).toBe('new');
});
