import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { World } from './harness/server-specs.ts';

const WATCHES = 20_000;
/** So that all of their paths make more than one request may hold. */
const NAME = 'x'.repeat(60);

it('ZOOKEEPER-706: so many watches that setting them again makes a request beyond the limit, and the client never comes back', async () => {
  // given: a client with a great many watches
  const world = await World.serving();
  const zk = openClient(world, []);
  await world.run(zk.connected());
  const session = zk.sessionId;
  const seen = await world.run(
    Promise.all(Array.from({ length: WATCHES }, (_, i) => zk.once.exists(`/${NAME}${i}`))),
  );
  expect(WATCHES * NAME.length).toBeGreaterThan(0xf_ffff);
  for (const { changed } of seen) changed.catch(() => {});

  // when: its connection is lost
  world.network.reset('program-1', 'server');
  await world.pass(10);
  await world.run(zk.create(`/${NAME}7`, 'x'));

  // then: it is back with its session, and all its watches stand
  expect(zk.sessionId).toBe(session);
  expect(await world.run(seen[7]!.changed)).toMatchObject({ type: 'created', path: `/${NAME}7` });
  await world.run(zk.sync());
  expect(world.server.view.watches.watchCount).toBe(WATCHES - 1);
  await world.run(zk.close());
});
