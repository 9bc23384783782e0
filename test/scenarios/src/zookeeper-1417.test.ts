import { OpCode } from '@corral/protocol';
import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { EnsembleWorld, setData } from './harness/server-specs.ts';

it('ZOOKEEPER-1417: clients do not agree on the last zxid they have seen, and are let in by a server that is behind it', async () => {
  // given: a client on server 1 with a watch, and a leader that will not notice for long that it was replaced
  const world = new EnsembleWorld({ size: 3, hasRealElections: true });
  for (const sid of [1, 2, 3]) await world.start(sid, sid === 3 ? { syncLimit: 100 } : {});
  await world.serving();
  const zk = openClient(world, [1], { sessionTimeout: 8000 });
  await world.run(zk.connected());
  await world.run(zk.create('/a', 'old'));
  const { changed } = await world.run(zk.once.get('/a'));

  // when: the others replace it, and the client hears of a change by an event alone
  world.isolate(3);
  await world.pass(2000);
  await world.serving(1, 2);
  const other = await world.client(2);
  await world.run(other.request(OpCode.setData, setData('/a', 'new')));
  expect((await world.run(changed)).type).toBe('changed');

  // when: it moves to the one that was replaced, which knows its session, and nothing of the change
  zk.useServers('s3:2181');
  await world.pass(10);
  expect(world.members.get(3)!.view.mode).toBe('leader');
  const read = zk.get('/a');
  await world.pass(500);

  // then: it is not let in, and reads what it was told of once the server is up to date
  const refusals = world.lines('client has seen a later zxid than ours');
  expect(new Set(refusals.map(({ sid }) => sid))).toEqual(new Set([3]));
  world.network.heal();
  const { data } = await world.run(read);
  expect(new TextDecoder().decode(data)).toBe('new');
});
