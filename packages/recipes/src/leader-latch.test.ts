import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { leaderLatch, type Lease } from './index.ts';

describe('a leader latch', () => {
  it('has one leader, and the next when that closes', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const one = leaderLatch(ann, '/lead', { id: 'ann' }).start();
    const term = await world.run(one.leadership());
    const two = leaderLatch(bob, '/lead', { id: 'bob' }).start();
    await world.pass(100);

    expect([one.isLeader, two.isLeader]).toEqual([true, false]);
    expect((await world.run(two.participants())).map(({ data }) => text(data))).toEqual(['ann', 'bob']);
    expect((await world.run(two.leader()))?.path).toBe(term.path);
    expect(term.path).toMatch(/\/lead\/_c_[-0-9a-f]{36}-latch-0000000000$/);
    await world.run(one.close());

    const next = await world.run(two.leadership());
    expect(next.fencingToken).toBeGreaterThan(term.fencingToken);
    expect([one.isLeader, two.isLeader]).toEqual([false, true]);
    await world.run(two.close());
    expect((await world.run(ann.children('/lead'))).names).toEqual([]);
  });

  it('leads no more before another does, when it is cut off; and stands again when it comes back', async () => {
    const world = await World.serving();
    const ann = await world.client({ sessionTimeout: 6000, onExpired: 'newSession' });
    const bob = await world.client();
    const one = leaderLatch(ann, '/lead', { id: 'ann' }).start();
    await world.run(one.leadership());
    const events: string[] = [];
    one.onChange((term) => void events.push(term === undefined ? 'ann out' : 'ann in'));
    const two = leaderLatch(bob, '/lead', { id: 'bob' }).start();
    two.onChange((term) => void events.push(term === undefined ? 'bob out' : 'bob in'));
    await world.pass(100);

    world.network.partition('client-1', 'server');
    world.cut();
    await world.run(two.leadership());
    world.network.heal();
    await world.pass(5000);
    expect((await world.run(two.participants())).map(({ data }) => text(data))).toEqual(['bob', 'ann']);
    await world.run(two.close());
    await world.run(one.leadership());

    expect(events.filter((event) => event !== 'bob out')).toEqual(['ann out', 'bob in', 'ann in']);
    await world.run(one.close());
  });

  it('tells those who wait when there will be no lead', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    await world.run(leaderLatch(ann, '/lead').start().leadership());
    const latch = leaderLatch(bob, '/lead').start();
    const closed = world.caught(latch.leadership());
    await world.pass(100);
    await world.run(latch.close());
    const lost = leaderLatch(bob, '/lead').start();
    const over = world.caught(lost.leadership());
    await world.pass(100);
    await world.run(bob.close());

    expect(await closed).toMatchObject({ code: 'CLOSED', path: '/lead' });
    expect((await over).name).toBe('ClosedError');
    expect((await world.failure(lost.leadership())).name).toBe('ClosedError');
    await world.run(lost.close());
  });

  it('gives up waiting when the time is up', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    await world.run(leaderLatch(ann, '/lead').start().leadership());
    const latch = leaderLatch(bob, '/lead').start();

    expect(await world.failure(latch.leadership({ timeoutMs: 100 }))).toMatchObject({ code: 'TIMEOUT' });
    expect((await world.run(latch.participants())).length).toBe(2);
  });

  it('stands again when somebody deletes its node', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const latch = leaderLatch(ann, '/lead').start();
    const terms: (Lease | undefined)[] = [];
    latch.onChange((term) => void terms.push(term));
    const term = await world.run(latch.leadership());

    await world.run(bob.delete(term.path));
    await world.pass(100);

    expect(terms).toHaveLength(3);
    expect(latch.term?.fencingToken).toBeGreaterThan(term.fencingToken);
  });
});

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}
