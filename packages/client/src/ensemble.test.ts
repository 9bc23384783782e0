import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble.ts';
import type { Client, SessionState } from './index.ts';

describe('a client of an ensemble', () => {
  it('moves with its session to another server, and does not read a past behind what it has seen', async () => {
    const world = await EnsembleWorld.serving();
    const zk = await world.client();
    await world.run(zk.create('/e', '', { mode: 'ephemeral' }));
    const id = zk.sessionId;

    for (const server of world.hosts.slice(0, 2)) {
      await world.run(zk.set('/e', server));
      world.separate('client-1', server);
      const { data, stat } = await world.run(zk.get('/e'));
      expect(new TextDecoder().decode(data)).toBe(server);
      expect(stat.ephemeralOwner).toBe(id);
    }
    expect(zk.sessionId).toBe(id);
  });

  it('gets over the loss of the leader: what it counted is there once', async () => {
    const world = await EnsembleWorld.serving();
    const zk = await world.client({ sessionTimeout: 4000 });
    const states = listen(zk);
    await world.run(zk.create('/count', '0'));
    const counting = count(zk, 30);
    const first = world.leader;

    await world.pass(5);
    world.network.stall(first);
    await world.run(counting);

    const { data, stat } = await world.run(zk.get('/count'));
    expect([new TextDecoder().decode(data), stat.version]).toEqual(['30', 30]);
    expect(states).not.toContain('expired');
  });

  it('hears of everything a watch was set for, or that it may have missed something', async () => {
    const world = await EnsembleWorld.serving();
    const zk = await world.client();
    const other = await world.client();
    const events: string[] = [];
    await world.run(zk.create('/a', ''));
    await world.run(zk.subscribe('/a', ({ type }) => void events.push(type)));

    for (const server of world.hosts) world.network.reset('client-1', server);
    await world.run(other.set('/a', 'x'));
    await world.run(zk.sync());
    await world.run(other.set('/a', 'y'));
    await world.run(zk.sync());

    expect(events).toEqual(['resync', 'changed']);
  });

  it('finds a protected node again behind another server, however the reply was lost', async () => {
    const world = await EnsembleWorld.serving();
    const zk = await world.client();
    await world.run(zk.create('/locks', ''));

    for (const server of world.hosts) world.network.partitionOneWay(server, 'client-1');
    const creating = zk.create('/locks/lock-', '', { mode: 'ephemeral', sequential: true, protect: true });
    await world.pass(20);
    for (const server of world.hosts) world.network.reset('client-1', server);
    world.network.heal();

    const { path } = await world.run(creating);
    expect((await world.run(zk.children('/locks'))).names).toEqual([path.slice('/locks/'.length)]);
  });

  it('that is content with reads gets them from a member without a quorum, and a whole one later', async () => {
    const world = await EnsembleWorld.serving();
    // Its session is the ensemble's; a member alone takes none but its own.
    const options = { readOnly: true, sessionTimeout: 4000, onExpired: 'newSession' } as const;
    const zk = await world.client(options, 's1:2181');
    await world.run(zk.create('/a', 'x'));
    const states = listen(zk);
    for (const other of ['s2', 's3']) world.network.partition('s1', other);
    await world.pass(10_000);

    expect(zk.state).toBe('connectedReadOnly');
    expect((await world.run(zk.get('/a'))).data).toHaveLength(1);
    expect(await world.run(zk.set('/a', '').catch((error: Error) => error.name))).toBe('NotReadOnlyError');

    world.network.heal();
    await world.pass(10_000);
    expect((await world.run(zk.set('/a', 'y'))).version).toBe(1);
    expect(states.slice(-1)).toEqual(['connected']);
  });
});

/** Adds one at a time; what is uncertain is resolved by the version. */
async function count(zk: Client, to: number): Promise<void> {
  for (let i = 0; i < to; i++) await zk.set('/count', String(i + 1), { version: i, retry: true });
}

function listen(zk: Client): SessionState[] {
  const seen: SessionState[] = [];
  void (async () => {
    for await (const state of zk.states()) seen.push(state);
  })();
  return seen;
}
