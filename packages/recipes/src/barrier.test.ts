import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { barrier, doubleBarrier } from './index.ts';

describe('a barrier', () => {
  it('holds all who come until it is lifted, whatever becomes of their connections', async () => {
    const world = await World.serving();
    const owner = await world.client();
    const clients = [
      await world.client(),
      await world.client({ onExpired: 'newSession', sessionTimeout: 4000 }),
    ];
    await world.run(barrier(owner, '/a/barrier').set());
    let passed = 0;
    const waiting = clients.map((zk) =>
      barrier(zk, '/a/barrier')
        .wait()
        .then(() => passed++),
    );
    await world.pass(100);
    world.cut(2);
    world.network.partition('client-3', 'server');
    await world.pass(7000);
    expect(passed).toBe(0);
    expect(await world.run(barrier(owner, '/a/barrier').isSet())).toBe(true);

    await world.run(barrier(owner, '/a/barrier').lift());
    world.network.heal();
    await world.run(Promise.all(waiting));

    expect(passed).toBe(2);
    await world.run(barrier(owner, '/a/barrier').lift());
    await world.run(barrier(owner, '/a/barrier').wait());
  });

  it('lets who has waited long enough give up', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(barrier(zk, '/b').set());

    expect(await world.failure(barrier(zk, '/b').wait({ timeoutMs: 10 }))).toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('a double barrier', () => {
  it('lets all in together, and out together', async () => {
    const world = await World.serving();
    const clients = [await world.client(), await world.client(), await world.client()];
    let came = 0;
    let left = 0;
    const members = clients.map(async (zk) => {
      const meeting = doubleBarrier(zk, '/meet', 3);
      came++;
      await meeting.enter();
      expect(came).toBe(3);
      left++;
      await meeting.leave();
      expect(left).toBe(3);
    });

    await world.run(Promise.all(members));

    expect((await world.run(clients[0]!.children('/meet'))).names).toEqual([]);
  });

  it('does not count who gave up, and counts who lost the connection for a moment', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client(), await world.client()];
    const gaveUp = await world.failure(doubleBarrier(ann, '/meet', 2).enter({ timeoutMs: 100 }));
    expect(gaveUp).toMatchObject({ code: 'TIMEOUT' });
    await world.pass(10);
    const one = doubleBarrier(ann, '/meet', 2);
    const entering = one.enter();
    await world.pass(10);
    expect((await world.run(bob.children('/meet'))).names).toHaveLength(1);
    world.network.partition('client-1', 'server');
    world.cut();
    const two = doubleBarrier(bob, '/meet', 2);
    const also = two.enter();
    await world.pass(10);
    world.network.heal();
    await world.run(Promise.all([entering, also]));

    const leaving = one.leave();
    await world.pass(10);
    await world.run(bob.close());
    await world.run(leaving);

    expect(() => one.leave()).toThrow(RangeError);
  });

  it('tells who loses his session while he waits', async () => {
    const world = await World.serving();
    const [ann, bob] = [await world.client({ onExpired: 'newSession' }), await world.client()];
    const entering = world.caught(doubleBarrier(ann, '/meet', 2).enter());
    await world.pass(10);
    const [name] = (await world.run(bob.children('/meet'))).names;
    await world.run(bob.delete(`/meet/${name}`));

    world.cut();
    const thief = await world.client({ session: { id: ann.sessionId, password: ann.sessionPassword } });
    await world.run(thief.close());
    await world.pass(1000);

    expect(await entering).toMatchObject({ code: 'LOST' });
  });
});
