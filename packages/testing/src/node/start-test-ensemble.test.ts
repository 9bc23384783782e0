import { SessionExpiredError, utf8 } from '@corral/client';
import { mkdtempDisposableSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startTestEnsemble } from './index.ts';

describe.each(['real', 'virtual'] as const)('a test ensemble, time being %s', (clock) => {
  it('serves on every member, and one leads', async () => {
    await using ensemble = await startTestEnsemble({ clock, size: 3, observers: 1 });
    const [first, last] = [await ensemble.server(1).client(), await ensemble.server(4).client()];

    await ensemble.run(first.create('/a', 'x'));
    await ensemble.run(last.sync('/'));

    expect((await ensemble.run(last.get('/a', utf8))).data).toBe('x');
    expect(ensemble.servers.map(({ role }) => role)).toEqual(['follower', 'follower', 'leader', 'observer']);
    expect(ensemble.connectString.split(',')).toHaveLength(4);
  });

  it('elects another leader when the one it had crashes, and takes it back', async () => {
    await using ensemble = await startTestEnsemble({ clock });
    const zk = await ensemble.client();
    await ensemble.run(zk.create('/a', 'x'));

    await ensemble.leader!.crash();
    const leader = await ensemble.settled();
    const { path } = await ensemble.run(zk.create('/b', 'y', { protect: true }));

    expect(leader.sid).not.toBe(3);
    expect(await ensemble.start()).toBe(leader);
    const back = await ensemble.server(3).client();
    await ensemble.run(back.sync('/'));
    expect((await ensemble.run(back.get(path, utf8))).data).toBe('y');
  });

  it('is parted, and the larger part goes on', async () => {
    await using ensemble = await startTestEnsemble({ clock });
    const zk = await ensemble.server(1).client();

    ensemble.partition([3], [1, 2]);
    const leader = await ensemble.settled(1, 2);
    await ensemble.run(zk.connected());
    await ensemble.run(zk.create('/b', 'y', { protect: true }));

    expect([1, 2]).toContain(leader.sid);
    ensemble.heal();
    await ensemble.settled(3, leader.sid);
    expect(ensemble.server(3).role).toBe('follower');
  });

  it('elects another leader while the one it had stands still', async () => {
    await using ensemble = await startTestEnsemble({ clock });
    const old = ensemble.leader!;

    old.pause();
    await ensemble.settled(1, 2);
    old.resume();
    const leader = await ensemble.settled();

    expect(leader).not.toBe(old);
    expect(old.role).toBe('follower');
  });

  it('ends a session, whichever member its client is at', async () => {
    await using ensemble = await startTestEnsemble({ clock });
    const [owner, other] = [await ensemble.server(2).client(), await ensemble.server(1).client()];
    await ensemble.run(owner.create('/e', '', { mode: 'ephemeral' }));

    await ensemble.expireSession(owner);
    await ensemble.run(other.sync('/'));

    expect(await ensemble.run(other.exists('/e'))).toBe(null);
    await expect(ensemble.run(owner.exists('/e'))).rejects.toThrow(SessionExpiredError);
  });

  it('cuts a client off from all members', async () => {
    await using ensemble = await startTestEnsemble({ clock });
    const [owner, other] = [await ensemble.client({ sessionTimeout: 500 }), await ensemble.client()];
    await ensemble.run(owner.create('/e', '', { mode: 'ephemeral' }));
    const gone = other.watch('/e')[Symbol.asyncIterator]().next();

    ensemble.isolate(owner);

    expect(await ensemble.run(gone)).toMatchObject({ value: { type: 'deleted' } });
  });
});

describe('a test ensemble', () => {
  it('keeps the files of its members where it is told to', async () => {
    using folder = mkdtempDisposableSync(`${tmpdir()}/corral-test-ensemble-`);
    {
      await using ensemble = await startTestEnsemble({ dataDir: folder.path });
      await (await ensemble.client()).create('/a', 'x');
      for (const server of ensemble.servers) await server.crash();
      await ensemble.start();
      await (await ensemble.client()).create('/b', 'y');
    }

    await using ensemble = await startTestEnsemble({ dataDir: folder.path });
    const zk = await ensemble.client();

    expect((await zk.children('/')).names.toSorted()).toEqual(['a', 'b', 'zookeeper']);
    expect(readdirSync(folder.path)).toEqual(['1', '2', '3']);
  });

  it('hears at once of the death of a member, behind a partition only by its silence', async () => {
    await using ensemble = await startTestEnsemble({ clock: 'virtual' });
    const { clock } = ensemble.clientWorld;
    const untilSettled = async (...sids: readonly number[]): Promise<number> => {
      const start = clock.monotonic();
      await ensemble.settled(...sids);
      return clock.monotonic() - start;
    };

    await ensemble.pass(50);
    await ensemble.server(3).crash();
    expect(await untilSettled(1, 2)).toBeLessThan(SYNC_LIMIT_MS / 2);

    const leader = await ensemble.start();
    const others = ensemble.servers.filter((server) => server !== leader).map(({ sid }) => sid);
    ensemble.partition([leader.sid], others);
    await leader.crash();
    expect(await untilSettled(...others)).toBeGreaterThan(SYNC_LIMIT_MS / 2);
  });

  it('does not know servers that it has not', async () => {
    await using ensemble = await startTestEnsemble({ clock: 'virtual', size: 1 });

    expect(() => ensemble.server(2)).toThrow(RangeError);
    expect(() => ensemble.partition([2], [1])).toThrow(RangeError);
    await expect(startTestEnsemble({ size: 0 })).rejects.toThrow(RangeError);
  });
});

const SYNC_LIMIT_MS = 2000;
