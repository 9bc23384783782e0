import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { discovery, discoveryRest, type RestResponse, roundRobin } from './index.ts';

const ONE = {
  name: 'api',
  id: 'one',
  address: '10.0.0.1',
  port: 80,
  payload: { zone: 'a' },
  registrationTimeUTC: 5,
  serviceType: 'STATIC',
};

describe('service discovery over HTTP', () => {
  it('registers what stays, and finds it', async () => {
    const { world, zk, send } = await serving();

    expect(await send('PUT', '/v1/service/api/one', ONE)).toMatchObject({ status: 201 });
    await world.run(discovery(zk, '/services').register({ name: 'api', id: 'two', port: 81 }));
    await world.run(discovery(zk, '/services').register({ name: 'db', id: 'x', enabled: false }));

    expect(bodyOf(await send('GET', '/v1/service'))).toEqual([{ name: 'api' }, { name: 'db' }]);
    expect(bodyOf(await send('GET', 'http://host:8080/below/v1/service/api/one?x=y'))).toEqual({
      ...ONE,
      sslPort: null,
      uriSpec: null,
      enabled: true,
    });
    expect(
      bodyOf(await send('GET', '/v1/service/api'))
        .map(({ id }: { id: string }) => id)
        .toSorted(),
    ).toEqual(['one', 'two']);
    expect(bodyOf(await send('GET', '/v1/anyservice/api')).name).toBe('api');
    expect(await send('GET', '/v1/anyservice/db')).toMatchObject({ status: 404 });
    expect((await world.run(zk.exists('/services/api/one')))?.ephemeralOwner).toBe(0n);
  });

  it('puts an instance that stays in the place of one that went with its session', async () => {
    const { world, zk, send } = await serving();
    const other = await world.client();
    await world.run(discovery(other, '/services').register({ name: 'api', id: 'one', port: 1 }));

    expect(await send('PUT', '/v1/service/api/one', ONE)).toMatchObject({ status: 201 });
    await world.run(other.close());

    expect(bodyOf(await send('GET', '/v1/service/api/one')).port).toBe(80);
    expect((await world.run(zk.exists('/services/api/one')))?.ephemeralOwner).toBe(0n);
  });

  it('writes anew what is registered again, and removes it', async () => {
    const { send } = await serving();
    await send('PUT', '/v1/service/api/one', ONE);

    expect(await send('PUT', '/v1/service/api/one', { ...ONE, port: 8080 })).toMatchObject({ status: 201 });
    expect(bodyOf(await send('GET', '/v1/service/api/one')).port).toBe(8080);
    expect(await send('DELETE', '/v1/service/api/one')).toMatchObject({ status: 200 });
    expect(await send('DELETE', '/v1/service/api/one')).toMatchObject({ status: 200 });
    expect(await send('GET', '/v1/service/api/one')).toMatchObject({ status: 404 });
    expect(bodyOf(await send('GET', '/v1/service/none'))).toEqual([]);
  });

  it.each<readonly [number, string, string, unknown]>([
    [400, 'PUT', '/v1/service/api/other', ONE],
    [400, 'PUT', '/v1/service/api/one', { ...ONE, serviceType: 'DYNAMIC' }],
    [400, 'PUT', '/v1/service/api/one', { ...ONE, port: 'x' }],
    [400, 'PUT', '/v1/service/api/one', 'no instance'],
    [400, 'PUT', '/v1/service/api/one', undefined],
    [400, 'PUT', '/v1/service/a%2Fb/one', { ...ONE, name: 'a/b' }],
    [400, 'GET', '/v1/service/api/..', undefined],
    [400, 'DELETE', '/v1/service/..%2F..%2Fother/x', undefined],
    [404, 'GET', '/v1/anyservice', undefined],
    [405, 'POST', '/v1/service/api/one', ONE],
    [405, 'PUT', '/v1/service/api', ONE],
    [405, 'DELETE', '/v1/service', undefined],
    [405, 'DELETE', '/v1/anyservice/api', undefined],
    [413, 'PUT', '/v1/service/api/one', { ...ONE, payload: 'x'.repeat(1024 * 1024) }],
  ])('answers %i to %s %s', async (status, method, url, body) => {
    const { world, zk, send } = await serving();

    expect(await send(method, url, body)).toMatchObject({ status });
    expect((await world.run(zk.children('/'))).names).toEqual(['zookeeper']);
  });

  it('leaves to others what is not its own', async () => {
    const { send } = await serving();

    for (const url of ['/', '/v2/service', '/v1/services', '/v1/service/a/b/c', '/v1/service/%zz'])
      expect(await send('GET', url)).toBeUndefined();
  });

  it('answers 500 when the ensemble is not there, and says why', async () => {
    const { world, zk, send, errors } = await serving();
    await world.run(zk.close());

    expect(await send('GET', '/v1/service')).toMatchObject({ status: 500 });
    expect(errors).toMatchObject([{ name: 'ClosedError' }]);
  });

  it('forgets static instances that were registered long ago', async () => {
    const { world, zk, send } = await serving();
    const services = discovery(zk, '/services');
    const now = zk.clock.now();
    await send('PUT', '/v1/service/api/one', { ...ONE, registrationTimeUTC: now - 61_000 });
    await send('PUT', '/v1/service/api/two', { ...ONE, id: 'two', registrationTimeUTC: now });
    await world.run(
      services.put({ name: 'api', id: 'three', registrationTimeUTC: 1, serviceType: 'PERMANENT' }),
    );

    expect(await world.run(services.removeStale('api', 60_000))).toBe(1);
    expect((await world.run(services.instances('api'))).map(({ id }) => id).toSorted()).toEqual([
      'three',
      'two',
    ]);
  });
});

async function serving() {
  const world = await World.serving();
  const zk = await world.client();
  const errors: unknown[] = [];
  const handle = discoveryRest(discovery(zk, '/services'), {
    strategy: roundRobin(),
    onError: (error) => void errors.push(error),
  });
  const send = (method: string, url: string, body?: unknown): Promise<RestResponse | undefined> =>
    world.run(handle({ method, url, body: body === undefined ? null : chunksOf(JSON.stringify(body)) }));
  return { world, zk, send, errors };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array, void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

function bodyOf(response: RestResponse | undefined) {
  expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
  return JSON.parse(response?.body ?? 'null');
}
