import { type Client, createClient, type SessionState, utf8 } from '@corral/client';
import assert from 'node:assert/strict';
import type { ClientCase } from './case.ts';
import { errorOf } from './expect-error.ts';

/** Sessions: lost connections, uncertain outcomes, ends. */
export const sessionCases: readonly ClientCase[] = [
  {
    title: 'a lost connection is replaced in the same session: ephemeral nodes and identities stay',
    async run(stage) {
      const { zk, wire } = await stage.brittle({ auth: [{ scheme: 'digest', auth: 'ann:secret' }] });
      const id = zk.sessionId;
      await zk.create('/e', '', { mode: 'ephemeral' });
      for (let i = 0; i < 5; i++) {
        wire.cut();
        const identities = await zk.whoAmI();
        assert.ok(identities.some(({ scheme }) => scheme === 'digest'));
      }
      assert.equal(zk.sessionId, id);
      assert.equal((await zk.exists('/e'))?.ephemeralOwner, id);
    },
  },
  {
    title: 'reads that were cut off are asked again, and writes are not',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      await zk.create('/a', 'x');
      wire.deafen();
      const read = zk.get('/a', utf8);
      const write = errorOf(zk.set('/a', 'y'));
      await sent();
      wire.cut();
      assert.equal((await write).name, 'OutcomeUnknownError');
      assert.ok(['x', 'y'].includes((await read).data));
    },
  },
  {
    title: 'what became of a protected create, and of a change of one version, is found out',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      await zk.create('/locks', '');
      await zk.create('/v', '');
      for (let i = 0; i < 5; i++) {
        wire.deafen();
        const creating = zk.create('/locks/lock-', '', {
          mode: 'ephemeral',
          sequential: true,
          protect: true,
        });
        const setting = zk.set('/v', `${i}`, { version: i, retry: true });
        // Now and then they have arrived, and now and then not.
        if (i % 2 === 0) await sent();
        wire.cut();
        assert.match((await creating).path, /-lock-\d{10}$/);
        assert.equal((await setting).version, i + 1);
      }
      assert.equal((await zk.children('/locks')).names.length, 5);
      assert.equal((await zk.get('/v', utf8)).data, '4');
    },
  },
  {
    title: 'a session that was ended is over, and what is asked for is refused',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      const over = reaching(zk, 'expired');
      await endElsewhere(zk, stage.servers.hosts.join(','), stage.servers.world);
      wire.cut();
      await over;
      assert.equal((await errorOf(zk.get('/'))).name, 'SessionExpiredError');
    },
  },
  {
    title: 'a session that was ended is followed by another where that is wanted, with its watches',
    async run(stage) {
      const { zk, wire } = await stage.brittle({ onExpired: 'newSession' });
      const id = zk.sessionId;
      await zk.create('/e', '', { mode: 'ephemeral' });
      const watch = zk.watch('/x');
      await watch.ready;
      const over = reaching(zk, 'expired');
      await endElsewhere(zk, stage.servers.hosts.join(','), stage.servers.world);
      wire.cut();
      await over;
      await zk.connected();
      assert.notEqual(zk.sessionId, id);
      assert.equal(await zk.exists('/e'), null);
      assert.equal((await watch.next()).value?.type, 'resync');
      await zk.create('/x', '');
      assert.equal((await watch.next()).value?.type, 'created');
    },
  },
  {
    title: 'a session goes on in a client that has its id and password',
    async run(stage) {
      const { zk, wire } = await stage.brittle();
      await zk.create('/e', '', { mode: 'ephemeral' });
      const session = { id: zk.sessionId, password: zk.sessionPassword };
      const heir = await stage.client({ session });
      wire.cut();
      assert.equal(heir.sessionId, session.id);
      assert.equal((await heir.exists('/e'))?.ephemeralOwner, session.id);
    },
  },
  {
    title: 'close answers what was asked before, and takes the ephemeral nodes away',
    async run(stage) {
      const zk = await stage.client();
      const other = await stage.client();
      const creates = Array.from({ length: 200 }, (_, i) => zk.create(`/e${i}`, '', { mode: 'ephemeral' }));
      const closed = zk.close();
      assert.equal((await Promise.all(creates)).length, 200);
      await closed;
      assert.equal(zk.state, 'closed');
      await other.sync();
      assert.deepEqual((await other.children('/')).names, []);
      assert.equal((await errorOf(zk.get('/'))).name, 'ClosedError');
    },
  },
  {
    title: 'an identity that is refused ends the client',
    async run(stage) {
      const zk = await stage.client();
      assert.equal((await errorOf(zk.addAuth('nonsense', 'x'))).name, 'AuthFailedError');
      assert.equal(zk.state, 'authFailed');
    },
  },
  {
    title: 'servers that nobody reaches are named, with what went wrong',
    async run(stage) {
      const { world } = stage.servers;
      const zk = createClient('127.0.0.1:1,127.0.0.1:2', world, { connectTimeout: 300 });
      const { message } = await errorOf(zk.connected());
      await zk.close();
      assert.match(message, /127\.0\.0\.1:[12] \(REFUSED/);
    },
  },
  {
    title: 'members that are lost under load lose no count, and no session',
    async run(stage) {
      const { loseLeader } = stage.servers;
      if (loseLeader === undefined) return;
      const zk = await stage.client({ sessionTimeout: 20_000 });
      const id = zk.sessionId;
      await zk.create('/count', '');
      await zk.create('/e', '', { mode: 'ephemeral' });
      const over = new AbortController();
      const counting = (async () => {
        let i = 0;
        for (; !over.signal.aborted; i++) await zk.set('/count', `${i}`, { version: i, retry: true });
        return i;
      })();
      await loseLeader();
      await loseLeader();
      over.abort();
      const counted = await counting;
      assert.equal((await zk.exists('/count'))?.version, counted);
      assert.equal(zk.sessionId, id);
      assert.equal((await zk.exists('/e'))?.ephemeralOwner, id);
    },
  },
];

/** A few turns of the event loop, in which what was asked for leaves and perhaps arrives. */
async function sent(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Another client ends the session, as its owner never would. */
async function endElsewhere(
  zk: Client,
  hosts: string,
  world: Parameters<typeof createClient>[1],
): Promise<void> {
  const session = { id: zk.sessionId, password: zk.sessionPassword };
  const usurper = createClient(hosts, world, { session, sessionTimeout: 10_000, connectTimeout: 40_000 });
  await usurper.connected();
  await usurper.close();
}

function reaching(zk: Client, wanted: SessionState): Promise<void> {
  return new Promise((resolve) => {
    const stop = zk.onState((state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}
