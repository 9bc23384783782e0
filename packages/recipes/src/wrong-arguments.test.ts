import { type Client, utf8 } from '@corral/client';
import { expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  discovery,
  leaderLatch,
  leaderSelector,
  migrate,
  mutex,
  queue,
  semaphore,
  treeCache,
} from './index.ts';

/** What no caller with types would write. */
// oxlint-disable-next-line typescript/no-explicit-any
const wrong = (value: unknown): any => value;
const PATHS = { lockPath: '/locks', metaPath: '/meta' };

it.each<readonly [string, typeof Error, (zk: Client) => unknown]>([
  ['a recipe without its client', TypeError, () => mutex(wrong('/lock'), wrong(undefined))],
  ['a path that is relative', RangeError, (zk) => mutex(zk, 'lock')],
  ['a cache of no path', TypeError, (zk) => treeCache(zk, wrong(undefined))],
  ['a time that is none', RangeError, (zk) => mutex(zk, '/lock').acquire({ timeoutMs: -1 })],
  ['a semaphore without permits', TypeError, (zk) => semaphore(zk, '/permits', wrong(undefined))],
  ['half a permit', RangeError, (zk) => semaphore(zk, '/permits', 0.5)],
  ['a queue without a codec', TypeError, (zk) => queue(zk, '/queue', wrong(undefined))],
  ['no values', RangeError, (zk) => queue(zk, '/queue', utf8).putMany([])],
  ['a selector that has nothing to do', TypeError, (zk) => leaderSelector(zk, '/lead', wrong({}))],
  ['the lead of a latch that was not started', TypeError, (zk) => leaderLatch(zk, '/lead').leadership()],
  ['a service without a name', RangeError, (zk) => discovery(zk, '/s').register(wrong({}))],
  ['a service whose name is a path', RangeError, (zk) => discovery(zk, '/s').register({ name: 'a/b' })],
  ['a step that is none', TypeError, (zk) => migrate(zk, { id: 'a', migrations: [[wrong({})]] }, PATHS)],
])('%s is refused before anything is written', async (_, ErrorClass, call) => {
  const world = await World.serving();
  const zk = await world.client();

  const refusal = await world.failure((async () => call(zk))());

  expect(refusal).toBeInstanceOf(ErrorClass);
  expect((await world.run(zk.children('/'))).names).toEqual(['zookeeper']);
});
