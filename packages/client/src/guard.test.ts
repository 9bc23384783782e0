import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import { type Client, type Guard, utf8 } from './index.ts';

/** What was asked, and `no` where a name begins so. */
function guardTelling(asked: string[]): Guard {
  const ask = (op: string, path: string, detail: unknown): void => {
    asked.push(`${op} ${path} ${String(detail)}`);
    if (path.includes('/no')) throw new RangeError(`${path} is not to be`);
  };
  return {
    create: (path, data, { mode, sequential }) => ask('create', path, [data, mode, sequential].join()),
    set: (path, data) =>
      ask('set', path, typeof data === 'string' ? data : new TextDecoder().decode(data ?? undefined)),
    delete: (path) => ask('delete', path, ''),
  };
}

describe('a guarded view', () => {
  it('asks before each write, in and outside transactions, and sends what was not refused', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const asked: string[] = [];
    const guarded = zk.guarded(guardTelling(asked));

    await world.run(guarded.create('/a', 'x', { sequential: true, mode: 'ephemeral' }));
    await world.run(guarded.create('/b/c', 'y', { parents: true }));
    await world.run(guarded.set('/b/c', 'z', { version: 0, retry: true }));
    await world.run(guarded.transaction().create('/t', 'x').set('/t', 'y').delete('/t').commit());
    await world.run(guarded.node('/b/c', utf8).update((text) => `${text}!`));
    await world.run(guarded.delete('/b', { recursive: true }));

    expect(asked).toEqual([
      'create /a x,ephemeral,true',
      'create /b/c y,,',
      'create /b ,,',
      'create /b/c y,,',
      'set /b/c z',
      'create /t x,,',
      'set /t y',
      'delete /t ',
      'set /b/c z!',
      'delete /b/c ',
      'delete /b ',
    ]);
    expect(await world.run(zk.exists('/b'))).toBeNull();
  });

  it('refuses with what the guard throws, and nothing is sent', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const guarded = zk.guarded(guardTelling([]));
    const writes: ((client: Client) => unknown)[] = [
      (client) => client.create('/no'),
      (client) => client.create('/no/child', '', { parents: true }),
      (client) => client.set('/no', ''),
      (client) => client.delete('/no', { ifExists: true }),
      (client) => client.transaction().create('/yes').create('/no').commit(),
      (client) => client.transaction().set('/no', ''),
      (client) => client.transaction().delete('/no'),
    ];

    for (const write of writes)
      expect(await world.failure((async () => write(guarded))())).toBeInstanceOf(RangeError);

    expect((await world.run(zk.children('/'))).names).toEqual(['zookeeper']);
  });

  it('sees paths from its own root, guards the views made of it, and leaves others alone', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/app/sub', '', { parents: true }));
    const [outer, inner]: [string[], string[]] = [[], []];
    const guarded = zk.guarded(guardTelling(outer)).at('/app').guarded(guardTelling(inner));

    await world.run(guarded.at('/sub').create('/x'));
    await world.run(zk.create('/no'));

    expect([outer, inner]).toEqual([['create /app/sub/x ,,'], ['create /sub/x ,,']]);
    expect(guarded.sessionId).toBe(zk.sessionId);
  });
});
