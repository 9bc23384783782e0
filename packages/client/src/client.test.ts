import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  acl,
  BadVersionError,
  type Codec,
  digestAcl,
  NoNodeError,
  NodeExistsError,
  NotEmptyError,
  utf8,
  type ZkError,
} from './index.ts';

describe('a client', () => {
  it('creates, reads, sets and deletes nodes', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const created = await world.run(zk.create('/a', 'one'));
    const read = await world.run(zk.get('/a', utf8));
    const set = await world.run(zk.set('/a', 'two', { version: 0 }));
    const again = await world.run(zk.get('/a'));
    await world.run(zk.delete('/a', { version: 1 }));

    expect(created.path).toBe('/a');
    expect(read).toEqual({ data: 'one', stat: created.stat });
    expect([set.version, set.czxid, typeof set.mzxid]).toEqual([1, created.stat.czxid, 'bigint']);
    expect(new TextDecoder().decode(again.data)).toBe('two');
    expect(await world.run(zk.exists('/a'))).toBeNull();
  });

  it('keeps no data at all apart from empty data, for a codec that does', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const orNull: Codec<string | null> = { ...utf8, encode: () => new Uint8Array(), decodeNull: () => null };

    await world.run(zk.create('/a', null));
    const made = await world.run(zk.get('/a', orNull));
    const plain = await world.run(zk.get('/a'));
    await world.run(zk.set('/a', ''));
    const empty = await world.run(zk.once.get('/a', orNull));
    await world.run(zk.set('/a', null, { version: 1, retry: true }));
    const nothing = await world.run(zk.once.get('/a', orNull));

    expect([made.data, plain.data.length, empty.value.data, nothing.value.data]).toEqual([null, 0, '', null]);
  });

  it('creates nodes of every mode', async () => {
    const world = await World.serving({ extendedTypesEnabled: true });
    const zk = await world.client();

    const ephemeral = await world.run(zk.create('/e', '', { mode: 'ephemeral' }));
    const first = await world.run(zk.create('/s-', '', { sequential: true }));
    const second = await world.run(zk.create('/s-', '', { mode: 'ephemeral', sequential: true }));
    const container = await world.run(zk.create('/c', '', { mode: 'container' }));
    const ttl = await world.run(zk.create('/t', '', { ttl: 60_000 }));
    const both = await world.run(zk.create('/t-', '', { ttl: 60_000, sequential: true }));

    expect(ephemeral.stat.ephemeralOwner).toBe(zk.sessionId);
    expect([first.path, second.path]).toEqual(['/s-0000000001', '/s-0000000002']);
    expect([container.path, ttl.path, both.path]).toEqual(['/c', '/t', '/t-0000000005']);
    expect(await world.run(zk.ephemerals())).toEqual(expect.arrayContaining(['/e', '/s-0000000002']));
  });

  it('lists children, counts what is below and walks a tree', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a/b/c', 'x', { parents: true }));
    await world.run(zk.create('/a/d', ''));

    const walked: string[] = [];
    const walk = async (): Promise<void> => {
      for await (const { path } of zk.walk('/a')) walked.push(path);
    };
    await world.run(walk());

    const { names, stat } = await world.run(zk.children('/a'));
    expect([names.toSorted(), stat.numChildren]).toEqual([['b', 'd'], 2]);
    expect(await world.run(zk.childCount('/a'))).toBe(3);
    expect(walked).toEqual(['/a', '/a/b', '/a/b/c', '/a/d']);
  });

  it('says by the class of the error what the server said, and of which path', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a/b', '', { parents: true }));

    const errors = await Promise.all(
      [zk.get('/x'), zk.create('/a'), zk.delete('/a'), zk.set('/a', '', { version: 7 })].map((promise) =>
        world.failure(promise),
      ),
    );

    expect(errors.map((error) => error.constructor)).toEqual([
      NoNodeError,
      NodeExistsError,
      NotEmptyError,
      BadVersionError,
    ]);
    expect(errors.map((error) => [error.name, (error as ZkError).code, (error as ZkError).op])).toEqual([
      ['NoNodeError', -101, 'getData'],
      ['NodeExistsError', -110, 'create2'],
      ['NotEmptyError', -111, 'delete'],
      ['BadVersionError', -103, 'setData'],
    ]);
    expect(errors[0]?.message).toBe('NONODE (-101): getData /x');
    expect((errors[0] as ZkError).path).toBe('/x');
  });

  it('sees its root as /, in what it asks and in what it hears', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/app/deep', '', { parents: true }));

    const app = zk.at('/app');
    const deep = app.at('/deep');
    const made = await world.run(deep.create('/job-', 'x', { sequential: true, mode: 'ephemeral' }));
    const error = await world.failure(deep.get('/none'));

    expect(made.path).toBe('/job-0000000000');
    expect((await world.run(zk.children('/app/deep'))).names).toEqual(['job-0000000000']);
    expect(await world.run(deep.ephemerals())).toEqual(['/job-0000000000']);
    expect((await world.run(deep.exists('/')))?.numChildren).toBe(1);
    expect((error as ZkError).path).toBe('/none');
    expect([app.root, deep.root, deep.at('/').root]).toEqual(['/app', '/app/deep', '/app/deep']);
  });

  it('takes its root from the connect string', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/app', ''));

    const app = await world.client({}, 'server:2181/app');
    await world.run(app.create('/x', ''));

    expect((await world.run(zk.children('/app'))).names).toEqual(['x']);
  });

  it('sends requests in the order of the calls, without waiting for replies', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/n', '0'));

    const sets = Array.from({ length: 2000 }, (_, i) => zk.set('/n', String(i + 1), { version: i }));
    const read = zk.get('/n', utf8);

    expect(zk.pending).toBe(2001);
    expect((await world.run(read)).data).toBe('2000');
    expect((await world.run(Promise.all(sets))).at(-1)?.version).toBe(2000);
    expect(zk.pending).toBe(0);
  });

  it('walks a tree of many nodes in few round trips', async () => {
    const world = new World(1, { latency: 50 });
    await world.start();
    const zk = await world.client();
    await world.run(zk.create('/t', ''));
    const names = Array.from({ length: 1000 }, (_, i) => `n${String(i).padStart(4, '0')}`);
    await world.run(Promise.all(names.map((name) => zk.create(`/t/${name}`, ''))));
    const since = world.runtime.clock.monotonic();

    const seen: string[] = [];
    await world.run(
      (async () => {
        for await (const { path } of zk.walk('/t')) seen.push(path);
      })(),
    );

    expect(seen).toEqual(['/t', ...names.map((name) => `/t/${name}`)]);
    // A thousand times there and back would be 100 s.
    expect(world.runtime.clock.monotonic() - since).toBeLessThan(2000);
  });

  it('deletes a node with everything below it', async () => {
    const world = await World.serving();
    const zk = await world.client();
    for (const path of ['/a/b/c', '/a/b/d', '/a/e']) await world.run(zk.create(path, '', { parents: true }));

    await world.run(zk.delete('/a', { recursive: true }));

    expect(await world.run(zk.exists('/a'))).toBeNull();
    expect(await world.failure(zk.delete('/a', { recursive: true }))).toBeInstanceOf(NoNodeError);
    await world.run(zk.delete('/a', { recursive: true, ifExists: true }));
    await world.run(zk.delete('/a', { ifExists: true }));
  });

  it('sets what is there where it was told to create or set', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const first = await world.run(zk.create('/a/b', 'x', { parents: true, orSet: true }));
    const second = await world.run(zk.create('/a/b', 'y', { parents: true, orSet: true }));

    expect([first.stat.version, second.stat.version]).toEqual([0, 1]);
    expect(second.path).toBe('/a/b');
  });

  it('makes sure that a path is there, and leaves what is there as it is', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'));

    await world.run(zk.ensurePath('/a/b/c'));
    await world.run(zk.ensurePath('/a/b/c'));
    await world.run(zk.ensurePath('/a'));
    await world.run(zk.ensurePath('/'));

    expect((await world.run(zk.get('/a', utf8))).data).toBe('x');
    expect((await world.run(zk.children('/a/b'))).names).toEqual(['c']);
  });

  it('shows and sets ACLs', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', '', { acl: acl.readOnly }));

    expect((await world.run(zk.getAcl('/a'))).acl).toEqual([{ perms: 'r', scheme: 'world', id: 'anyone' }]);
    expect((await world.failure(zk.set('/a', 'x'))).name).toBe('NoAuthError');
    expect((await world.failure(zk.setAcl('/a', acl.open))).name).toBe('NoAuthError');

    await world.run(zk.create('/b', ''));
    const stat = await world.run(zk.setAcl('/b', acl.readOnly, { version: 0 }));
    expect(stat.aversion).toBe(1);
  });

  it('gives rights to whoever knows a password', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const ann = await world.client({ auth: [{ scheme: 'digest', auth: 'ann:pw' }] });
    const rights = digestAcl(world.runtime.digests, 'ann', 'pw', 'rw');
    await world.run(zk.create('/a', '', { acl: [rights] }));

    // As Apache's DigestAuthenticationProvider writes it.
    expect(rights).toEqual({ perms: 'rw', scheme: 'digest', id: 'ann:RYbu6l5aZwqon8VWmkcGvezdzfc=' });
    expect((await world.failure(zk.get('/a'))).name).toBe('NoAuthError');
    expect((await world.run(ann.set('/a', 'x'))).version).toBe(1);
  });

  it('proves identities, and asks who it is', async () => {
    const world = await World.serving();
    const zk = await world.client({ auth: [{ scheme: 'digest', auth: 'ann:pw' }] });
    await world.run(zk.addAuth('digest', 'bob:pw'));

    const identities = await world.run(zk.whoAmI());

    expect(
      identities
        .filter(({ scheme }) => scheme === 'digest')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['ann', 'bob']);
  });

  it('commits a transaction as a whole, with a result for each operation', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'));

    const [checked, created, set, deleted] = await world.run(
      zk.transaction().check('/a', 0).create('/b', 'y').set('/a', 'z', 0).delete('/b').commit(),
    );

    expect([checked, deleted]).toEqual([undefined, undefined]);
    expect([created.path, created.stat?.version, set.version]).toEqual(['/b', 0, 1]);
  });

  it('rejects a transaction with the error of the operation that was refused', async () => {
    const world = await World.serving();
    const zk = (await world.client()).at('/');
    await world.run(zk.create('/a', 'x'));

    const error = (await world.failure(
      zk.transaction().create('/b', '').set('/a', '', 5).create('/c', '').commit(),
    )) as ZkError;

    expect(error).toBeInstanceOf(BadVersionError);
    expect([error.index, error.path, error.op]).toEqual([1, '/a', 'setData']);
    expect(await world.run(zk.exists('/b'))).toBeNull();
  });

  it('reads several nodes at once, each with its own outcome', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a/b', 'x', { parents: true }));

    const [data, names, missing] = await world.run(
      zk.multiRead().get('/a/b').children('/a').get('/x').read(),
    );

    expect(data).toMatchObject({ data: new TextEncoder().encode('x') });
    expect(names).toEqual(['b']);
    expect(missing).toBeInstanceOf(NoNodeError);
  });

  it('keeps quotas where the server looks for them', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a/b', 'xyz', { parents: true }));

    await world.run(zk.quotas.set('/a', { count: 10, bytesHardLimit: 1000 }));
    const use = await world.run(zk.quotas.get('/a'));
    await world.run(zk.quotas.delete('/a'));

    expect(use).toEqual({ quota: { count: 10, bytesHardLimit: 1000 }, used: { count: 2, bytes: 3 } });
    expect(await world.run(zk.quotas.get('/a'))).toBeNull();
  });

  it('asks its server with a four-letter word', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(await world.run(zk.command('srvr'))).toContain('Zxid: 0x1');
    expect(await world.failure(zk.command('rm -rf'))).toBeInstanceOf(RangeError);
  });

  it('reads the configuration of the ensemble outside its root', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/app', ''));

    expect(await world.run(zk.at('/app').ensemble.config())).toEqual({ servers: [], version: 0n, text: '' });
  });

  it('waits for a sync', async () => {
    const world = await World.serving();
    const zk = await world.client();

    expect(await world.run(zk.sync('/'))).toBeUndefined();
  });
});

describe('data', () => {
  it('that no server takes are refused with the limit, and the connection stays', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', ''));

    const large = await world.failure(zk.set('/a', new Uint8Array(2_000_000)));
    const justTooLarge = await world.failure(zk.set('/a', new Uint8Array(1_048_575)));
    const largest = await world.run(zk.set('/a', new Uint8Array(1_048_575 - 100)));

    expect([large, justTooLarge].map(({ name }) => name)).toEqual(['RangeError', 'RangeError']);
    expect(large.message).toContain('1048575');
    expect(justTooLarge.message).toContain('1048575');
    expect(largest.version).toBe(1);
  });
});
