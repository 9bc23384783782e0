import { utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { joinGroup, persistentNode, ttlNode } from './index.ts';

describe('a persistent node', () => {
  it('comes back when somebody deletes it, with the data it has now', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const node = persistentNode(zk, '/a/node', { data: 'one' });
    const seen: boolean[] = [];
    node.onChange((isThere) => void seen.push(isThere));
    await world.run(node.ready());
    expect((await world.run(other.get('/a/node', utf8))).data).toBe('one');
    await world.run(node.setData('two'));
    expect((await world.run(other.get('/a/node', utf8))).data).toBe('two');

    await world.run(other.delete('/a/node'));
    await world.pass(100);

    const { data, stat } = await world.run(other.get('/a/node', utf8));
    expect([data, stat.ephemeralOwner]).toEqual(['two', zk.sessionId]);
    await world.run(node.close());
    expect(await world.run(other.exists('/a/node'))).toBeNull();
    expect(seen).toEqual([true, false, true, false]);
  });

  it('comes back in the next session, when that of another client is over, and after a lost reply', async () => {
    const world = await World.serving();
    const zk = await world.client({ onExpired: 'newSession', sessionTimeout: 6000 });
    const other = await world.client();
    const first = persistentNode(other, '/node', { data: 'other' });
    await world.run(first.ready());
    world.network.partitionOneWay('server', 'client-1');
    const node = persistentNode(zk, '/node', { data: 'mine' });
    await world.pass(5);
    world.cut();
    world.network.heal();
    await world.pass(100);
    expect(node.isThere).toBe(false);

    await world.run(first.close());
    await world.run(node.ready());
    expect((await world.run(other.get('/node', utf8))).data).toBe('mine');

    const id = zk.sessionId;
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(20_000);
    world.network.heal();
    await world.pass(5000);
    expect(zk.sessionId).not.toBe(id);
    expect((await world.run(other.exists('/node')))?.ephemeralOwner).toBe(zk.sessionId);
  });

  it('tells who waits for it that it will never be there', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    await world.run(other.create('/node', '', { mode: 'ephemeral' }));
    const node = persistentNode(zk, '/node');
    const late = await world.failure(node.ready({ timeoutMs: 10 }));
    const waiting = world.caught(node.ready());
    await world.pass(10);
    await world.run(zk.close());

    expect(late).toMatchObject({ code: 'TIMEOUT' });
    expect((await waiting).name).toBe('ClosedError');
    expect((await world.failure(node.ready())).name).toBe('ClosedError');
    await world.run(node.close());
  });
});

describe('a TTL node', () => {
  it('is kept alive, and outlives its session for its time', async () => {
    const world = await World.serving({ extendedTypesEnabled: true });
    const [zk, other] = [await world.client(), await world.client()];
    const node = ttlNode(zk, '/a/ttl', { ttlMs: 10_000, data: 'x' });
    await world.run(node.ready());
    await world.pass(300_000);
    expect((await world.run(other.get('/a/ttl', utf8))).data).toBe('x');

    await world.run(zk.close());
    await world.pass(5000);
    expect(await world.run(other.exists('/a/ttl'))).not.toBeNull();
    await world.pass(300_000);

    expect(await world.run(other.exists('/a/ttl'))).toBeNull();
    await world.run(node.close());
  });

  it('is deleted when it is closed, and refused by a server that knows no such thing', async () => {
    const world = await World.serving({ extendedTypesEnabled: true });
    const zk = await world.client();
    const node = ttlNode(zk, '/ttl', { ttlMs: 10_000 });
    await world.run(node.ready());
    await world.pass(100);

    await world.run(node.close());

    expect(await world.run(zk.exists('/ttl'))).toBeNull();
    const poor = await World.serving();
    const refused = ttlNode(await poor.client(), '/ttl', { ttlMs: 10_000 });
    expect((await poor.failure(refused.ready())).name).toBe('UnimplementedError');
    await poor.run(refused.close());
  });
});

describe('a group', () => {
  it('knows who is there', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const ann = await world.run(joinGroup(zk, '/group', { id: 'ann', data: 'a' }));
    let changes = 0;
    ann.onChange(() => changes++);
    const bob = await world.run(joinGroup(other, '/group', { id: 'bob', data: 'b' }));
    await world.run(bob.setData('c'));
    await world.pass(100);

    expect(named(ann.members())).toEqual({ ann: 'a', bob: 'c' });
    expect(named(bob.members())).toEqual({ ann: 'a', bob: 'c' });
    expect(changes).toBe(2);
    await world.run(ann.close());
    await world.pass(100);
    expect(named(bob.members())).toEqual({ bob: 'c' });
    await world.run(other.close());
    await world.run(bob.close());
  });

  it('has the names of a Party where it is told to', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const member = await world.run(joinGroup(zk, '/party', { naming: 'kazoo', data: 'me' }));

    const shallow = await world.run(joinGroup(zk, '/party', { naming: 'kazoo-shallow', id: 'my-id' }));

    expect(member.id).toMatch(/^[0-9a-f]{32}__party__$/);
    expect(shallow.id).toMatch(/^[0-9a-f]{32}-my-id$/);
  });
});

function named(members: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...members].map(([id, data]) => [id, new TextDecoder().decode(data)]));
}
