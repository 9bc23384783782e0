import { ConnectionLossError, OutcomeUnknownError, SessionExpiredError, utf8 } from '@corral/client';
import { connect } from '@corral/client/node';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './index.ts';

describe.each(['real', 'virtual'] as const)('a test server, time being %s', (clock) => {
  it('serves clients', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();

    await server.run(zk.create('/a', 'x'));

    expect((await server.run(zk.get('/a', utf8))).data).toBe('x');
    expect(server.role).toBe('standalone');
  });

  it('ends a session, with its ephemeral nodes, while its client is there', async () => {
    await using server = await startTestServer({ clock });
    const [owner, other] = [await server.client(), await server.client()];
    await server.run(owner.create('/e', '', { mode: 'ephemeral' }));
    const states: string[] = [];
    owner.onState((state) => states.push(state));

    await server.expireSession(owner);

    expect(await server.run(other.exists('/e'))).toBe(null);
    await expect(server.run(owner.exists('/e'))).rejects.toThrow(SessionExpiredError);
    expect(states).toEqual(['suspended', 'expired']);
  });

  it('says which session there is not', async () => {
    await using server = await startTestServer({ clock });

    await expect(server.expireSession(0x77n)).rejects.toThrow('there is no session 0x77');
    await expect(server.expireSession(0n)).rejects.toThrow(RangeError);
  });

  it('breaks connections, and sessions live on', async () => {
    await using server = await startTestServer({ clock });
    const [one, other] = [await server.client(), await server.client()];
    await server.run(one.create('/e', '', { mode: 'ephemeral' }));
    const states: string[] = [];
    one.onState((state) => states.push(state));
    other.onState((state) => states.push(`other ${state}`));

    expect(server.dropConnections(one)).toBe(1);

    expect(await server.run(one.exists('/e'))).toMatchObject({ ephemeralOwner: one.sessionId });
    expect(states).toEqual(['suspended', 'connected']);
    expect(server.dropConnections()).toBe(2);
  });

  it('keeps one client apart until its session has expired, and then tells it', async () => {
    await using server = await startTestServer({ clock });
    const owner = await server.client({ sessionTimeout: 500 });
    const other = await server.client();
    await server.run(owner.create('/e', '', { mode: 'ephemeral' }));
    const gone = server.run(nextEvent(other.watch('/e')));

    server.partition(owner);
    const asked = owner.exists('/e').catch((error: unknown) => error);

    expect(await gone).toBe('deleted');
    server.heal();
    expect(await server.run(asked)).toBeInstanceOf(SessionExpiredError);
  });

  it('delivers what waited when a partition is healed in time', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();
    const { nodeCount } = server.view;
    server.partition();

    const made = zk.create('/late', '');
    await server.pass(20);
    expect(server.view.nodeCount).toBe(nodeCount);
    server.heal();

    expect(await server.run(made)).toMatchObject({ path: '/late' });
  });

  it('loses and confuses nothing of what waits, however much it is', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client({ sessionTimeout: 60_000 });
    const payload = 'x'.repeat(16_384);
    const paths = Array.from({ length: 400 }, (_, i) => `/n${i}`);

    // What is asked for is under way on both sides of each cut.
    const made = paths.map((path) => zk.create(path, payload + path));
    const read = paths.map((path) => zk.get(path, utf8));
    for (let cut = 0; cut < 5; cut++) {
      await server.pass(2);
      server.partition();
      await server.pass(2);
      server.heal();
    }

    expect((await server.run(Promise.all(made))).map(({ path }) => path)).toEqual(paths);
    const data = (await server.run(Promise.all(read))).map((got) => got.data.slice(payload.length));
    expect(data).toEqual(paths);
  });

  it('stands still, and goes on with what has come meanwhile', async () => {
    await using server = await startTestServer({ clock });
    const [one, other] = [await server.client(), await server.client()];
    let isAnswered = false;

    server.pause();
    const made = one.create('/a', 'x');
    const found = other.exists('/').finally(() => (isAnswered = true));
    await server.pass(20);
    expect(isAnswered).toBe(false);
    server.resume();

    expect(await server.run(made)).toMatchObject({ path: '/a' });
    expect(await server.run(found)).not.toBe(null);
  });

  it('is there again after a restart, at its address, with its sessions and ephemeral nodes', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();
    await server.run(zk.create('/e', 'x', { mode: 'ephemeral' }));
    const { connectString } = server;

    await server.restart();

    expect((await server.run(zk.get('/e', utf8))).data).toBe('x');
    expect(server.connectString).toBe(connectString);
  });

  it('has after a crash what it had acknowledged', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();
    await server.run(zk.create('/a', 'x'));

    await server.crash();
    expect(server.isUp).toBe(false);
    await server.start();

    expect((await server.run(zk.get('/a', utf8))).data).toBe('x');
  });

  it('starts again behind a partition, and is found when that is over', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();
    await server.run(zk.create('/e', 'x', { mode: 'ephemeral' }));

    server.partition();
    await server.restart();
    const read = zk.get('/e', utf8);
    server.heal();

    expect((await server.run(read)).data).toBe('x');
  });

  it('says nothing more when it dies standing still', async () => {
    await using server = await startTestServer({ clock });
    const zk = await server.client();

    server.pause();
    const made = zk.create('/a').catch((error: unknown) => error);
    await server.pass(20);
    await server.crash();
    await server.start();

    expect(await server.run(made)).toBeInstanceOf(OutcomeUnknownError);
    expect(await server.run(zk.exists('/a'))).toBe(null);
  });

  it('can be closed while everything is wrong, and its clients with it', async () => {
    const server = await startTestServer({ clock });
    const zk = await server.client();
    server.partition();
    server.pause();

    await server.close();

    expect(zk.state).toBe('closed');
  });
});

describe('a test server over TCP', () => {
  it('is reached by any client', async () => {
    await using server = await startTestServer();
    await using zk = await connect(server.connectString);

    await zk.create('/a');

    expect(server.connectString).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await zk.command('ruok')).toBe('imok');
  });

  it('keeps its files where it is told to', async () => {
    using folder = mkdtempDisposableSync(`${tmpdir()}/corral-test-server-`);
    {
      await using server = await startTestServer({ dataDir: folder.path });
      await (await server.client()).create('/a', 'x');
      await server.crash();
      await server.start();
      await (await server.client()).create('/b', 'y');
    }

    await using server = await startTestServer({ dataDir: folder.path });
    const zk = await server.client();

    expect((await zk.children('/')).names.toSorted()).toEqual(['a', 'b', 'zookeeper']);
  });
});

describe('a test server in virtual time', () => {
  it('lives ten minutes in a moment', async () => {
    await using server = await startTestServer({ clock: 'virtual' });
    const zk = await server.client();

    await server.pass(600_000);

    expect(zk.state).toBe('connected');
  });

  it('does not let sessions expire for having stood still itself', async () => {
    await using server = await startTestServer({ clock: 'virtual' });
    // A client gives itself up after four thirds of its timeout.
    const zk = await server.client({ sessionTimeout: 3000 });
    await server.run(zk.create('/e', '', { mode: 'ephemeral' }));

    server.pause();
    await server.pass(3500);
    server.resume();

    expect(await server.run(zk.exists('/e'))).not.toBe(null);
  });

  it('does not end sessions while it is down or stands still', async () => {
    await using server = await startTestServer({ clock: 'virtual' });
    const zk = await server.client();

    server.pause();
    await expect(server.expireSession(zk)).rejects.toThrow(ConnectionLossError);
    await server.crash();
    await expect(server.expireSession(zk)).rejects.toThrow(ConnectionLossError);
  });

  it('has no files', async () => {
    await expect(startTestServer({ clock: 'virtual', dataDir: 'x' })).rejects.toThrow(RangeError);
    await expect(startTestServer({ clock: 'simulated' as 'virtual' })).rejects.toThrow(RangeError);
  });
});

async function nextEvent(watch: AsyncIterable<{ readonly type: string }>): Promise<string> {
  for await (const { type } of watch) return type;
  return 'none';
}
