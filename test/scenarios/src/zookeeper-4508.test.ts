import { SessionExpiredError } from '@corral/client';
import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { createNodes, EnsembleWorld } from './harness/server-specs.ts';

it('ZOOKEEPER-4508: no server can be reached for longer than the session can live, and the client never says that it has expired', async () => {
  // given: a client with an ephemeral node
  const world = await EnsembleWorld.elected({ size: 3 });
  const zk = openClient(world, [1, 2, 3], { sessionTimeout: 4000, connectTimeout: 60_000 });
  await world.run(zk.create('/e', '', { mode: 'ephemeral' }));
  await createNodes(world, 3, 1);
  const states: string[] = [];
  const listening = (async () => {
    for await (const state of zk.states()) states.push(state);
  })();

  // when: all servers are gone, and stay so
  for (const sid of [1, 2, 3]) world.crash(sid);
  const asked = zk.get('/e').then(
    () => 'answered',
    (error: unknown) => error,
  );
  await world.pass(3000);
  expect(zk.state).toBe('suspended');
  await world.pass(30_000);

  // then: the client knows that nobody can say any more that its session lives, and whoever waits is told so
  expect(zk.state).toBe('expired');
  expect(await world.run(asked)).toBeInstanceOf(SessionExpiredError);
  expect(states.at(-1)).toBe('expired');
  await world.run(zk.close());
  await world.run(listening);
});
