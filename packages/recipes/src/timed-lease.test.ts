import { utf8 } from '@corral/client';
import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { timedLease } from './index.ts';

describe('a lease of time', () => {
  it('is kept for its time, prolonged by who has it, and free then', async () => {
    const world = await World.serving();
    const [zk, other] = [await world.client(), await world.client()];
    const ann = { id: 'ann', durationMs: 60_000 };
    const bob = { id: 'bob', durationMs: 60_000 };

    expect(await world.run(timedLease(zk, '/lease', ann))).toBe(true);
    expect(await world.run(timedLease(other, '/lease', bob))).toBe(false);
    await world.run(zk.close());
    await world.pass(40_000);
    expect(await world.run(timedLease(other, '/lease', ann))).toBe(true);
    await world.pass(40_000);
    expect(await world.run(timedLease(other, '/lease', bob))).toBe(false);
    await world.pass(21_000);
    expect(await world.run(timedLease(other, '/lease', bob))).toBe(true);
    expect((await world.run(other.children('/lease'))).names).toEqual(['lease_holder']);
  });

  it.each([0, 951_782_399_000, 951_868_799_000, 1_234_567_890_000, 1_709_251_199_000, 4_102_444_800_000])(
    'is written as kazoo writes it, at %d ms',
    async (ms) => {
      const world = await World.serving();
      const zk = await world.client();
      world.runtime.clock.jumpWallClock(ms - zk.clock.now());
      await world.run(timedLease(zk, '/lease', { id: 'ann', durationMs: 5000 }));

      const { data } = await world.run(zk.get('/lease/lease_holder', utf8));
      const written = JSON.parse(data) as { version: number; holder: string; end: string };

      expect(written).toMatchObject({ version: 1, holder: 'ann' });
      expect(written.end).toBe(new Date(ms + 5000).toISOString().slice(0, 19));
      // And it is read back: nobody else gets it.
      expect(await world.run(timedLease(zk, '/lease', { id: 'bob', durationMs: 1 }))).toBe(false);
    },
  );

  it('is one of several where several may have one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const ask = (id: string): Promise<boolean> =>
      world.run(timedLease(zk, '/leases', { id, durationMs: 60_000, count: 2 }));

    expect([await ask('ann'), await ask('bob'), await ask('cid'), await ask('bob')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect((await world.run(zk.children('/leases'))).names.toSorted()).toEqual(['0', '1']);
    await expect(timedLease(zk, '/leases', { id: 'ann', durationMs: 1, count: 0 })).rejects.toThrow(
      RangeError,
    );
  });

  it("is nobody's to take who writes it otherwise, and refuses what is none", async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/lease'));
    await world.run(zk.create('/lease/lease_holder', '{"version":2}'));
    expect(await world.failure(timedLease(zk, '/lease', { id: 'a', durationMs: 1 }))).toMatchObject({
      code: 'BAD_DATA',
    });
    await world.run(zk.set('/lease/lease_holder', '{"version":2,"holder":"b","end":"2020-01-01T00:00:00"}'));

    expect(await world.run(timedLease(zk, '/lease', { id: 'a', durationMs: 1 }))).toBe(false);
  });
});
