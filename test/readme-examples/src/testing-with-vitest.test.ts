import { test as base, expect } from 'vitest';
import { mutex } from '@corral/recipes';
import { testFixtures, type TestFixtures } from '@corral/testing/node';

const test = base.extend<TestFixtures>(testFixtures({ size: 3 }));

test('the next one gets the lock when the session of its holder expires', async ({ server, client }) => {
  const lease = await mutex(client, '/lock').acquire();
  const other = await server.client();

  await server.expireSession(client);
  await using next = await mutex(other, '/lock').acquire();

  expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
});

test('a lock outlives the leader', async ({ ensemble }) => {
  const zk = await ensemble.client({ sessionTimeout: 60_000 });
  const lease = await mutex(zk, '/lock').acquire();

  await ensemble.leader!.crash();
  await ensemble.settled();

  expect(await zk.exists(lease.path)).not.toBe(null);
  expect(lease.isHeld).toBe(true);
});
