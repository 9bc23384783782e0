import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble.ts';
import { clientAddresses } from './ensemble-follower.ts';

describe('a client that follows its ensemble', () => {
  it('learns of the other servers from the one it was given, and goes on when that is gone', async () => {
    const world = await EnsembleWorld.serving();
    const zk = await world.client({ followEnsemble: true, sessionTimeout: 20_000 }, 's1:2181');
    await world.pass(1000);

    for (const host of world.hosts) if (host !== 's3') world.separate('client-1', host);
    await world.run(zk.create('/a', ''));

    expect(await world.run(zk.exists('/a'))).not.toBeNull();
    await world.run(zk.close());
  });

  it('leaves a server that is taken out of the ensemble', async () => {
    const world = await EnsembleWorld.serving({ reconfigEnabled: true, skipAcl: true });
    const admin = await world.client();
    const out = Number(world.hosts.find((host) => host !== world.leader)!.slice(1));
    const reached: string[] = [];
    const observer = { serverReached: (server: string) => void reached.push(server) };
    const zk = await world.client({ followEnsemble: true, observer }, `s${out}:2181`);
    await world.pass(1000);

    const config = await world.run(admin.ensemble.reconfig({ leave: [out] }));
    await world.pass(5000);
    await world.run(zk.sync());

    expect(config.servers).toHaveLength(2);
    expect(reached.at(-1)).not.toBe(`s${out}:2181`);
    await world.run(Promise.all([zk.close(), admin.close()]));
  });
});

describe('the addresses for clients in a configuration', () => {
  it.each([
    ['server.1=h1:2888:3888:participant;2181', ['h1:2181']],
    ['server.1=h1:2888:3888;0.0.0.0:2181', ['h1:2181']],
    ['server.1=h1:2888:3888:observer;front:2182', ['front:2182']],
    ['server.1=h1:2888:3888|h2:2888:3888;2181', ['h1:2181']],
    ['server.1=[::2]:2888:3888;[::]:2181', ['0:0:0:0:0:0:0:2:2181']],
    ['server.1=h1:2888:3888', []],
  ])('%s names %j', (line, expected) => {
    const found = clientAddresses({ servers: [line], version: 1n, text: line });

    expect(found.map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
  });
});
