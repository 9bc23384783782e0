import { acl, type Client, NodeExistsError, utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { migrate, type MigrationStep } from './index.ts';
import { fingerprintOf } from './migration-step.ts';

const PATHS = { lockPath: '/migrations/locks', metaPath: '/migrations/meta' };
const FIRST: MigrationStep[] = [{ create: '/app' }, { create: '/app/config', data: '{"rps":10}' }];
const SECOND: MigrationStep[] = [{ set: '/app/config', data: '{"limits":{"rps":10}}', version: 0 }];
const THIRD: MigrationStep[] = [
  { check: '/app', version: 0 },
  { create: '/app/users', mode: 'container' },
  { delete: '/app/config', version: 1 },
];

describe('migrations', () => {
  it('are applied once, in their order, and those that are added later then', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(await world.run(apply(zk, [FIRST]))).toBe(1);
    expect(await world.run(apply(zk, [FIRST]))).toBe(0);
    expect(await world.run(apply(zk, [FIRST, SECOND]))).toBe(1);
    expect((await world.run(zk.get('/app/config', utf8))).data).toBe('{"limits":{"rps":10}}');
    expect(await world.run(apply(zk, [FIRST, SECOND, THIRD]))).toBe(1);

    expect((await world.run(zk.children('/app'))).names).toEqual(['users']);
    expect((await world.run(zk.children('/migrations/meta/app'))).names.toSorted()).toEqual([
      'meta-0000000000',
      'meta-0000000001',
      'meta-0000000002',
    ]);
  });

  it('are applied by one of all that come at once', async () => {
    const world = await World.serving();
    const clients = [await world.client(), await world.client(), await world.client()];

    const counts = await world.run(Promise.all(clients.map((zk) => apply(zk, [FIRST, SECOND]))));

    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 2]);
  });

  it('happen together or not at all', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const refused: MigrationStep[] = [{ create: '/new' }, { create: '/app' }];

    const failure = await world.failure(apply(zk, [FIRST, refused]));

    expect(failure).toBeInstanceOf(NodeExistsError);
    expect(await world.run(zk.exists('/app'))).toBeNull();
    expect((await world.run(zk.children('/migrations/meta/app'))).names).toEqual([]);
    expect(await world.run(apply(zk, [FIRST]))).toBe(1);
  });

  it('refuse a set that is not what was applied, and changed nothing then', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(apply(zk, [FIRST, SECOND]));

    expect(await world.failure(apply(zk, [SECOND, FIRST, THIRD]))).toMatchObject({ code: 'BAD_DATA' });
    expect(await world.failure(apply(zk, [FIRST]))).toMatchObject({ code: 'BAD_DATA' });
    expect(await world.run(zk.exists('/app/users'))).toBeNull();
  });

  it('find out whether they happened when the reply is lost', async () => {
    const world = await World.serving();
    const zk = await world.client({ connectTimeout: 60_000 });
    const count = apply(zk, [FIRST, SECOND]);
    await world.strikeUntil(count, async () => {
      await world.pass(1 + world.runtime.random.below(5));
      world.cut();
    });

    expect(await count).toBe(2);
    expect((await world.run(zk.get('/app/config'))).stat.version).toBe(1);
    expect((await world.run(zk.children('/migrations/meta/app'))).names).toHaveLength(2);
  });

  it('refuse a name that is none', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(() => migrate(zk, { id: 'a/b', migrations: [] }, PATHS)).toThrow(RangeError);
  });
});

it('the fingerprint of a migration is that of Curator, with records as Java prints them', () => {
  const awkward = Uint8Array.of(0x64, 0xc3, 0xa4, 0x25, 0x2c, 0x7d, 0x0a, 0x0d, 0x00);
  const steps: MigrationStep[] = [
    { create: '/a', data: awkward },
    { create: '/a,b}%é', mode: 'ephemeral', sequential: true, acl: acl.creatorAll },
    {
      create: '/c',
      mode: 'container',
      acl: [{ perms: 'r', scheme: 'digest', id: 'x:y' }, ...acl.open],
    },
    { create: '/t', data: Uint8Array.of(1, 0xff), ttl: 5000 },
    { set: '/a', data: 'x' },
    { delete: '/a', version: 3 },
    { check: '/a', version: 3 },
  ];

  // SHA-256 over path, type and toString() of each, taken with ZooKeeper 3.9.5's own classes.
  expect(Buffer.from(fingerprintOf(steps)).toString('hex')).toBe(
    '90bfee8e3b92ae4d7a3fef721ce80f9d298c423e680abb129312529143d01f95',
  );
});

function apply(zk: Client, migrations: readonly (readonly MigrationStep[])[]): Promise<number> {
  return migrate(zk, { id: 'app', migrations }, PATHS);
}
