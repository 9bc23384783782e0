import { utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { discovery, type ProviderStrategy, randomly, roundRobin, sticky, uriOf, uriSpec } from './index.ts';

describe('service discovery', () => {
  it('writes instances as Curator does', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const services = discovery(zk, '/services');

    const registration = await world.run(
      services.register({ name: 'api', id: 'one', address: '10.0.0.1', port: 80, payload: { zone: 'a' } }),
    );

    expect((await world.run(zk.get('/services/api/one', utf8))).data).toBe(
      `{"name":"api","id":"one","address":"10.0.0.1","port":80,"sslPort":null,"payload":{"zone":"a"},` +
        `"registrationTimeUTC":${registration.instance.registrationTimeUTC},"serviceType":"DYNAMIC","uriSpec":null,"enabled":true}`,
    );
    expect((await world.run(zk.exists('/services/api/one')))?.ephemeralOwner).toBe(zk.sessionId);
  });

  it('finds services, follows them, and tells when they are gone', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const [here, there] = [discovery(zk, '/services'), discovery(other, '/services')];
    const one = await world.run(here.register({ name: 'api', id: 'one', port: 1 }));
    await world.run(here.register({ name: 'db', port: 2, serviceType: 'PERMANENT' }));
    const provider = await world.run(there.provider('api'));
    const two = await world.run(here.register({ name: 'api', id: 'two', port: 3 }));
    await world.pass(100);

    expect((await world.run(there.names())).toSorted()).toEqual(['api', 'db']);
    expect((await world.run(there.instances('api'))).map(({ id }) => id).toSorted()).toEqual(['one', 'two']);
    expect([provider.pick()?.id, provider.pick()?.id, provider.pick()?.id]).toEqual(['one', 'two', 'one']);
    await world.run(one.update({ enabled: false }));
    await world.pass(100);
    expect(provider.instances().map(({ id }) => id)).toEqual(['two']);
    await world.run(two.close());
    await world.pass(100);
    expect(provider.pick()).toBeUndefined();
    expect((await world.run(there.instance('api', 'one')))?.enabled).toBe(false);
    await world.run(zk.close());
    await world.pass(100);
    expect(await world.run(there.instances('api'))).toEqual([]);
    expect(await world.run(there.instances('db'))).toHaveLength(1);
    expect(await world.run(there.instances('none'))).toEqual([]);
  });

  it('is followed as a whole by a cache, also what is not to be used', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const here = discovery(zk, '/services');
    const one = await world.run(here.register({ name: 'api', id: 'one', port: 1 }));
    await using cache = await world.run(discovery(other, '/services').cache('api', { timeoutMs: 5000 }));
    const changes = cache.changes();

    await world.run(one.update({ enabled: false }));
    const { value: change } = await world.run(changes.next());

    expect(change).toMatchObject({ type: 'changed', previous: { data: { enabled: true } } });
    expect(Array.from(cache.nodes(), ({ data }) => [data.id, data.enabled])).toEqual([['one', false]]);
    await world.run(cache.close());
  });

  it('registers again in the next session', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 4000 });
    const other = await world.client();
    await world.run(discovery(zk, '/services').register({ name: 'api', id: 'one', port: 1 }));
    const provider = await world.run(discovery(other, '/services').provider('api'));
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(15_000);
    expect(provider.instances()).toEqual([]);

    world.network.heal();
    await world.pass(5000);

    expect(provider.instances()).toHaveLength(1);
  });

  it('leaves out what it cannot read, and says so', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/services/api/bad', '{', { parents: true }));
    await world.run(zk.create('/services/api/other', '{"name":"api","id":"other","port":"x"}'));
    const failed: string[] = [];
    const services = discovery(zk, '/services', {
      payloads: { toJson: (value: string) => value, fromJson: String },
      onError: (_, path) => void failed.push(path),
    });

    expect(await world.run(services.instances('api'))).toEqual([]);
    expect((await world.run(services.provider('api'))).pick()).toBeUndefined();
    expect(failed.toSorted()).toEqual([
      '/services/api/bad',
      '/services/api/bad',
      '/services/api/other',
      '/services/api/other',
    ]);
  });

  it('leaves out for a while what did not answer', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const services = discovery(zk, '/services');
    for (const id of ['one', 'two']) await world.run(services.register({ name: 'api', id, port: 1 }));
    const provider = await world.run(services.provider('api', { down: { errors: 2, forMs: 1000 } }));
    const one = provider.instances()[0]!;

    provider.noteError(one);
    expect(provider.instances()).toHaveLength(2);
    provider.noteError(one);
    expect(provider.instances().map(({ id }) => id)).toEqual(['two']);
    await world.pass(1001);

    expect(provider.instances()).toHaveLength(2);
  });
});

describe('a strategy', () => {
  const three = ['a', 'b', 'c'].map((id) => ({ id }) as never);
  const picks = (strategy: ProviderStrategy, count: number): string[] =>
    Array.from({ length: count }, (_, i) => strategy.pick<unknown>(three, (bound) => (i * 2) % bound).id);

  it('takes one after the other, anyone, or the same', () => {
    expect(picks(roundRobin(), 4)).toEqual(['a', 'b', 'c', 'a']);
    expect(picks(randomly(), 4)).toEqual(['a', 'c', 'b', 'a']);
    expect(picks(sticky(), 3)).toEqual(['a', 'a', 'a']);
  });

  it('sticks to another when the one it stuck to is gone', () => {
    const strategy = sticky();
    strategy.pick<unknown>(three, () => 0);

    expect(strategy.pick<unknown>(three.slice(1), () => 0).id).toBe('c');
  });
});

describe('a URI specification', () => {
  it('is written out with what the instance says', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const spec = uriSpec('{scheme}://{address}:{port}/{path}');
    const { instance } = await world.run(
      discovery(zk, '/s').register({ name: 'api', address: 'host', port: 80, uriSpec: spec }),
    );

    expect(spec.parts[1]).toEqual({ value: '://', variable: false });
    expect(uriOf(instance, { path: 'x' })).toBe('http://host:80/x');
  });
});
