import { expect, it } from 'vitest';
import { openClient } from './harness/open-client.ts';
import { World } from './harness/server-specs.ts';

it('ZOOKEEPER-4475: the news that children changed, meant for another watch of the client, is told to a recursive one', async () => {
  // given: a client with a recursive watch, and one-shot and persistent ones that hear of children below
  const world = await World.serving();
  const zk = openClient(world, []);
  await world.run(zk.create('/a', ''));
  const recursive: string[] = [];
  const persistent: string[] = [];
  await world.run(
    zk.subscribe('/', ({ type, path }) => void recursive.push(`${type} ${path}`), { recursive: true }),
  );
  await world.run(zk.subscribe('/a', ({ type, path }) => void persistent.push(`${type} ${path}`)));
  const { changed } = await world.run(zk.once.children('/a'));

  // when: a child comes and goes
  await world.run(zk.create('/a/b', ''));
  await world.run(zk.delete('/a/b'));
  await world.run(zk.sync());

  // then: each is told what it is there for
  expect((await world.run(changed)).type).toBe('childrenChanged');
  expect(persistent).toEqual(['childrenChanged /a', 'childrenChanged /a']);
  expect(recursive).toEqual(['created /a/b', 'deleted /a/b']);
  await world.run(zk.close());
});
