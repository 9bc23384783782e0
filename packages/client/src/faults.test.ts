import { describe, expect, it } from 'vitest';
import { World } from '../test/world.ts';
import {
  BadVersionError,
  type Client,
  ClosedError,
  ConnectionLossError,
  NoNodeError,
  OutcomeUnknownError,
  RequestTimeoutError,
  type SessionState,
  SessionExpiredError,
  utf8,
} from './index.ts';

describe('a lost connection', () => {
  it('is replaced in the same session: ephemeral nodes stay', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const states = listen(zk);
    await world.run(zk.create('/e', '', { mode: 'ephemeral' }));
    const id = zk.sessionId;

    world.cut();
    await world.run(zk.sync());

    expect(zk.sessionId).toBe(id);
    expect((await world.run(zk.exists('/e')))?.ephemeralOwner).toBe(id);
    expect(states).toEqual(['connected', 'suspended', 'connected']);
  });

  it('cuts off writes, of which nobody knows what became, and reads go on at the next one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'));
    world.network.partition('client-1', 'server');
    const write = world.failure(zk.set('/a', 'y'));
    const read = zk.exists('/a');
    await world.pass(1);

    world.cut();
    world.network.heal();

    const error = await write;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toBeInstanceOf(ConnectionLossError);
    expect((await world.run(read))?.version).toBe(0);
  });

  it('does not reach what waits for a connection: that is sent, in order, when there is one', async () => {
    const world = await World.serving();
    const zk = await world.client();
    world.network.partition('client-1', 'server');
    world.cut();
    await world.pass(10);
    expect(zk.state).toBe('suspended');

    const both = Promise.all([zk.create('/a', ''), zk.create('/a/b', '')]);
    world.network.heal();

    expect((await world.run(both)).map(({ path }) => path)).toEqual(['/a', '/a/b']);
  });

  it('proves identities again before anything else', async () => {
    const world = await World.serving();
    const zk = await world.client({ auth: [{ scheme: 'digest', auth: 'ann:pw' }] });

    world.cut();

    expect((await world.run(zk.whoAmI())).map(({ id }) => id)).toContain('ann');
  });

  it('is noticed where the server is silent, within the timeout', async () => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 9000 });
    world.network.stall('server');

    await world.pass(5900);
    expect(zk.state).toBe('connected');
    await world.pass(3500);
    expect(zk.state).toBe('suspended');
    world.network.unstall('server');
    await world.run(zk.sync());
    expect(zk.state).toBe('connected');
  });

  it('is not lost as long as there are pings', async () => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 6000 });
    const states = listen(zk);

    await world.pass(600_000);

    expect(states).toEqual(['connected']);
  });
});

describe('an uncertain outcome', () => {
  it('of a protected create is resolved: the node is found, and not made twice', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/locks', ''));
    // The request arrives and the reply does not.
    world.network.partitionOneWay('server', 'client-1');
    const creating = zk.create('/locks/lock-', '', { mode: 'ephemeral', sequential: true, protect: true });
    await world.pass(5);

    world.cut();
    world.network.heal();
    const { path, stat } = await world.run(creating);

    expect(path).toMatch(/^\/locks\/_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-0000000000$/);
    expect(stat.ephemeralOwner).toBe(zk.sessionId);
    expect((await world.run(zk.children('/locks'))).names).toHaveLength(1);
  });

  it('of a protected create that never arrived is resolved by another', async () => {
    const world = await World.serving();
    const zk = await world.client();
    world.network.partition('client-1', 'server');
    const creating = zk.create('/lock-', '', { sequential: true, protect: true });
    await world.pass(5);

    world.cut();
    world.network.heal();

    expect((await world.run(creating)).path).toMatch(/-lock-0000000000$/);
  });

  it.each([
    ['arrived', (world: World) => world.network.partitionOneWay('server', 'client-1')],
    ['did not arrive', (world: World) => world.network.partition('client-1', 'server')],
  ])('of a change of one version that %s is resolved, and it happens once', async (_, fault) => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'));
    await world.run(zk.create('/b', 'x'));
    fault(world);
    const setting = zk.set('/a', 'y', { version: 0, retry: true });
    const deleting = zk.delete('/b', { version: 0, retry: true });
    await world.pass(5);

    world.cut();
    world.network.heal();

    expect((await world.run(setting)).version).toBe(1);
    await world.run(deleting);
    expect((await world.run(zk.exists('/a')))?.version).toBe(1);
    expect(await world.run(zk.exists('/b'))).toBeNull();
  });
});

describe('a change of one version whose outcome is uncertain', () => {
  it('is known not to have happened when the next version is another one', async () => {
    const { world, zk, other } = await cutOffBeforeItArrives();

    const setting = world.failure(zk.set('/a', 'mine', { version: 0, retry: true }));
    await world.pass(5);
    await world.run(other.set('/a', 'theirs'));
    world.cut();
    world.network.heal();

    expect(await setting).toBeInstanceOf(BadVersionError);
  });

  it('stays unknown when others have written since, or have deleted the node', async () => {
    const { world, zk, other } = await cutOffBeforeItArrives();

    const overwritten = world.failure(zk.set('/a', 'mine', { version: 0, retry: true }));
    const deleted = world.failure(zk.set('/b', 'mine', { version: 0, retry: true }));
    await world.pass(5);
    await world.run(Promise.all([other.set('/a', 'mine'), other.set('/a', 'theirs'), other.delete('/b')]));
    world.cut();
    world.network.heal();

    expect(await overwritten).toBeInstanceOf(OutcomeUnknownError);
    expect(await deleted).toBeInstanceOf(OutcomeUnknownError);
  });

  it('of a typed node stays unknown when the same was written, for that may be another count', async () => {
    const { world, zk, other } = await cutOffBeforeItArrives();
    world.network.heal();
    const counter = zk.node('/a', utf8);

    const counting = world.failure(
      counter.update((value) => {
        world.network.partition('client-1', 'server');
        return `${value}1`;
      }),
    );
    await world.pass(5);
    await world.run(other.set('/a', '1'));
    world.cut();
    world.network.heal();

    expect(await counting).toBeInstanceOf(OutcomeUnknownError);
  });

  async function cutOffBeforeItArrives() {
    const world = await World.serving();
    const zk = await world.client();
    const other = await world.client();
    await world.run(Promise.all([zk.create('/a', ''), zk.create('/b', '')]));
    world.network.partition('client-1', 'server');
    return { world, zk, other };
  }
});

describe('a protected create', () => {
  it('fails with its session, for that takes the node away with it', async () => {
    const world = await World.serving({ tickTime: 1000 });
    const zk = await world.client({ sessionTimeout: 6000, onExpired: 'newSession', connectTimeout: 60_000 });
    world.network.partitionOneWay('server', 'client-1');
    const creating = zk.create('/lock', '', { mode: 'ephemeral', protect: true });
    await world.pass(9000);

    world.network.heal();
    const error = await world.failure(creating);
    await world.pass(9000);

    expect(error).toBeInstanceOf(SessionExpiredError);
    expect((await world.run(zk.children('/'))).names).toEqual(['zookeeper']);
  });
});

describe('a session', () => {
  it('that nobody can be asked about is over after four thirds of its timeout', async () => {
    const world = await World.serving();
    const zk = await world.client({ sessionTimeout: 6000 });
    const states = listen(zk);
    world.network.partition('client-1', 'server');
    await world.pass(5000);

    const error = await world.failure(zk.get('/zookeeper'));

    expect(error).toBeInstanceOf(SessionExpiredError);
    expect(error.message).toMatch(/nobody was reached for \d+ ms/);
    expect(states).toEqual(['connected', 'suspended', 'expired']);
    expect(await world.failure(zk.get('/zookeeper'))).toBeInstanceOf(SessionExpiredError);
    await world.run(zk.close());
    expect(zk.state).toBe('closed');
  });

  it('that the server has ended is over, or is followed by another', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const again = await world.client({ onExpired: 'newSession' });
    const id = again.sessionId;
    await world.run(again.create('/e', '', { mode: 'ephemeral' }));
    world.network.partition('client-1', 'server');
    world.network.partition('client-2', 'server');
    for (const { sessionId, sessionPassword } of [zk, again]) {
      const thief = await world.client({ session: { id: sessionId, password: sessionPassword } });
      await world.run(thief.close());
    }

    world.cut(1);
    world.cut(2);
    world.network.heal();
    await world.pass(1000);

    expect(zk.state).toBe('expired');
    expect(again.state).toBe('connected');
    expect(again.sessionId).not.toBe(id);
    expect(await world.run(again.exists('/e'))).toBeNull();
  });

  it('goes on in another client that has its id and password', async () => {
    const world = await World.serving();
    const first = await world.client();
    await world.run(first.create('/e', '', { mode: 'ephemeral' }));

    const session = { id: first.sessionId, password: first.sessionPassword };
    const second = await world.client({ session });

    expect(second.sessionId).toBe(first.sessionId);
    expect(await world.run(second.ephemerals())).toEqual(['/e']);
  });

  it('survives a restart of the server', async () => {
    const world = await World.serving();
    const zk = await world.client();
    await world.run(zk.create('/e', '', { mode: 'ephemeral' }));
    const id = zk.sessionId;

    world.crash();
    await world.start();

    expect((await world.run(zk.exists('/e')))?.ephemeralOwner).toBe(id);
  });

  it('ends when it is closed: what was asked before is answered first', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const other = await world.client();
    await world.run(zk.create('/e', '', { mode: 'ephemeral' }));

    const read = zk.exists('/e');
    await world.run(zk.close());

    expect((await world.run(read))?.version).toBe(0);
    expect(await world.run(other.exists('/e'))).toBeNull();
    expect(await world.failure(zk.exists('/e'))).toBeInstanceOf(ClosedError);
    await world.run(zk.close());
  });
});

describe('an ensemble that nobody reaches', () => {
  it('fails what waits with all that was tried, and is tried on', async () => {
    const world = await World.serving();
    const zk = world.open({ connectTimeout: 3000 }, 'server:9999,nowhere:2181');

    const error = await world.failure(zk.connected());

    expect(error).toBeInstanceOf(ConnectionLossError);
    expect(error.message).toContain('10.0.0.1:9999');
    expect(error.message).toContain('nowhere:2181 (NAME_NOT_FOUND');
    expect(zk.state).toBe('connecting');
    zk.useServers('server:2181');
    await world.run(zk.connected());
    expect(zk.state).toBe('connected');
  });

  it('is left by close at once, with the dial that is under way', async () => {
    const world = await World.serving();
    world.network.partition('client-1', 'server');
    const zk = world.open({ sessionTimeout: 60_000 });
    await world.pass(1000);

    await world.run(zk.close());
    world.network.heal();
    world.network.cutPower('server');
    const closedAt = world.runtime.clock.monotonic();
    world.runtime.clock.runUntilIdle();

    // Nothing was left to come: no timer of the dial, no connection.
    expect(world.runtime.clock.monotonic()).toBe(closedAt);
  });

  it('is left by close at once, and what waits is told', async () => {
    const world = await World.serving();
    const zk = world.open({}, 'nowhere:2181');
    const reading = world.failure(zk.get('/a'));

    await world.run(zk.close());

    expect(await reading).toBeInstanceOf(ClosedError);
  });

  it('is found on the servers that are left', async () => {
    const world = await World.serving();
    const zk = await world.client({}, 'nowhere:2181,server:9999,server:2181');

    expect(zk.state).toBe('connected');
  });
});

describe('a signal', () => {
  it('ends the wait with its reason, and later replies find their own requests', async () => {
    const world = await World.serving();
    const zk = await world.client();
    const abort = new AbortController();

    const given = world.failure(zk.create('/a', '', { signal: abort.signal }));
    const next = zk.exists('/a');
    abort.abort(new Error('too late'));

    expect((await given).message).toBe('too late');
    expect(await world.run(next)).not.toBeNull();
  });

  it('that has aborted already lets nothing be sent', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const error = await world.failure(zk.create('/a', '', { signal: AbortSignal.abort(new Error('no')) }));

    expect(error.message).toBe('no');
    expect(await world.run(zk.exists('/a'))).toBeNull();
  });
});

describe('a request timeout', () => {
  it('gives up on a server that does not answer, and on what was asked behind', async () => {
    const world = await World.serving();
    const zk = await world.client({ requestTimeout: 1000 });
    world.network.stall('server');

    const first = world.failure(zk.create('/a', ''));
    const second = world.failure(zk.create('/b', ''));

    expect(await first).toBeInstanceOf(RequestTimeoutError);
    expect(await second).toBeInstanceOf(OutcomeUnknownError);
    world.network.unstall('server');
    await world.run(zk.sync());
  });
});

describe('a request timeout, counted from the request', () => {
  it('does not begin before it, however long nothing was asked', async () => {
    const world = await World.serving();
    const zk = await world.client({ requestTimeout: 1000, sessionTimeout: 30_000 });
    const states = listen(zk);

    await world.pass(9000);
    await world.run(zk.create('/a', ''));
    await world.pass(9000);
    await world.run(zk.exists('/a'));
    await world.pass(9000);

    expect(states).toEqual(['connected']);
  });
});

describe('a slow network that cuts bytes as it pleases', () => {
  it('changes nothing but the time', async () => {
    const world = new World(7, { latency: { minMs: 1, maxMs: 40 }, chunkBytesMax: 7, windowBytes: 512 });
    await world.start();
    const zk = await world.client();
    await world.run(zk.create('/a', 'x'.repeat(3000)));

    const sets = Array.from({ length: 100 }, (_, i) => zk.set('/a', 'y'.repeat(i), { version: i }));
    const read = zk.get('/a');

    expect((await world.run(Promise.all(sets))).at(-1)?.version).toBe(100);
    expect((await world.run(read)).data.length).toBe(99);
  });
});

describe('a client', () => {
  it('asks for no more than so many things at once', async () => {
    const world = await World.serving();
    const zk = await world.client({ pendingMax: 10 });

    const reads = Array.from({ length: 10 }, () => zk.exists('/'));

    expect((await world.failure(zk.exists('/'))).message).toContain('pendingMax');
    await world.run(Promise.all(reads));
  });

  it('keeps no more than so many bytes for a network that does not take them', async () => {
    const world = await World.serving();
    const zk = await world.client({ unsentMax: 1_000_000 });
    world.network.stall('server');

    const sets = Array.from({ length: 20 }, () => zk.set('/a', new Uint8Array(100_000)));
    const failures = sets.map(() => 'sent');
    for (const [i, set] of sets.entries()) set.catch((error: unknown) => (failures[i] = String(error)));
    await world.pass(10);

    expect(failures[0]).toBe('sent');
    expect(failures.at(-1)).toContain('unsentMax');
    world.network.unstall('server');
    expect(await world.failure(Promise.all(sets.slice(0, 5)))).toBeInstanceOf(NoNodeError);
  });

  it('leaves nothing behind when it is closed: no timer, no connection, no promise', async () => {
    const world = await World.serving();
    const zk = await world.client({ requestTimeout: 1000 });
    const states = zk.states();
    const watch = zk.watch('/a');
    await world.run(watch.ready);
    world.network.stall('server');
    const pending = [zk.get('/'), zk.create('/x', ''), zk.addAuth('digest', 'a:b')].map((promise) =>
      promise.then(
        () => 'answered',
        () => 'failed',
      ),
    );
    const ended = (async () => {
      for await (const state of states) if (state === 'closed') break;
    })();

    await world.run(zk.close());

    expect(await world.run(Promise.all(pending))).toEqual(['failed', 'failed', 'failed']);
    await world.run(ended);
    world.network.cutPower('server');
    world.runtime.clock.runUntilIdle();
    expect(zk.pending).toBe(0);
  });

  it('is closed at the end of the block that uses it', async () => {
    const world = await World.serving();
    let used: Client | undefined;
    const use = async (): Promise<void> => {
      await using zk = await world.client();
      used = zk;
    };

    await world.run(use());

    expect(used?.state).toBe('closed');
  });

  it('ends for good when an identity is refused', async () => {
    const world = await World.serving();
    const zk = await world.client();

    const error = await world.failure(zk.addAuth('nonsense', 'x'));

    expect(error.name).toBe('AuthFailedError');
    expect(zk.state).toBe('authFailed');
    expect((await world.failure(zk.get('/'))).name).toBe('AuthFailedError');
    await world.run(zk.close());
  });
});

function listen(zk: Client): SessionState[] {
  const seen: SessionState[] = [];
  void (async () => {
    for await (const state of zk.states()) seen.push(state);
  })();
  return seen;
}
