import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { createClient, parseConnectString, type ServerAddress, type ServiceLookup } from './index.ts';

describe('a connect string that names a service', () => {
  it.each([
    ['srv+example.com', '_zookeeper._tcp.example.com', '/'],
    ['srv+example.com/app/x', '_zookeeper._tcp.example.com', '/app/x'],
    ['srv+_zk._tcp.example.com', '_zk._tcp.example.com', '/'],
  ])('%s asks for the SRV records of %s', (text, service, chroot) => {
    expect(parseConnectString(text)).toEqual({ servers: [], service, chroot });
  });

  it.each(['srv+', 'srv+a,b', 'srv+a:2181', 'srv+a b'])('"%s" is none', (text) => {
    expect(() => parseConnectString(text)).toThrow(RangeError);
  });

  it('needs somebody who can look it up', () => {
    const world = new World();

    expect(() => world.open({}, 'srv+example.com')).toThrow(/lookUpService/);
  });
});

describe('a client of a service', () => {
  it('finds its servers, and finds them anew when it has tried them all', async () => {
    const world = await World.serving();
    const answers = [[{ host: 'server', port: 9999 }], [{ host: 'server', port: 2181 }]];
    const asked: string[] = [];
    const zk = clientOf(world, async (name) => {
      asked.push(name);
      return answers.shift() ?? [];
    });

    await world.run(zk.connected());

    expect(asked).toEqual(['_zookeeper._tcp.example.com', '_zookeeper._tcp.example.com']);
    expect(zk.state).toBe('connected');
    await world.run(zk.close());
  });

  it('goes on with the servers it knows when they cannot be looked up any more', async () => {
    const world = await World.serving();
    const zk = clientOf(world, answering([{ host: 'server', port: 2181 }]));
    await world.run(zk.connected());

    world.cut();
    await world.run(zk.sync());

    expect(zk.state).toBe('connected');
    await world.run(zk.close());
  });

  it('fails what waits with what became of the name', async () => {
    const world = await World.serving();
    const nothing = clientOf(world, async () => []);
    const unknown = clientOf(world, () => Promise.reject(new Error('queryTxt ENOTFOUND')));

    const [empty, failed] = await Promise.all([
      world.failure(nothing.connected()),
      world.failure(unknown.connected()),
    ]);

    expect(empty.message).toContain('_zookeeper._tcp.example.com (it names no server)');
    expect(failed.message).toContain('_zookeeper._tcp.example.com (queryTxt ENOTFOUND)');
    await world.run(Promise.all([nothing.close(), unknown.close()]));
  });

  it('takes a lookup back that is under way when it is closed', async () => {
    const world = await World.serving();
    let isTakenBack = false;
    const zk = clientOf(world, (_, signal) => {
      signal.addEventListener('abort', () => (isTakenBack = true));
      return new Promise(() => {});
    });
    await world.pass(10);

    await world.run(zk.close());

    expect(isTakenBack).toBe(true);
  });

  it('may be told another service, or servers by name', async () => {
    const world = await World.serving();
    const zk = clientOf(world, answering([{ host: 'server', port: 9999 }]));
    await world.pass(1000);
    expect(zk.state).toBe('connecting');

    zk.useServers('server:2181');
    await world.run(zk.connected());

    expect(zk.state).toBe('connected');
    await world.run(zk.close());
  });
});

function clientOf(world: World, lookUpService: ServiceLookup) {
  const { clock, random } = world.runtime;
  const transport = world.network.transport('client-1');
  return createClient('srv+example.com', { transport, clock, random, lookUpService });
}

/** The first time; then the name is not known any more. */
function answering(servers: readonly ServerAddress[]): ServiceLookup {
  let times = 0;
  return async () => {
    if (times++ > 0) throw new Error('queryTxt ENOTFOUND');
    return servers;
  };
}
