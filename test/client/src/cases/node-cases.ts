import { acl, json, type StandardSchema, utf8 } from '@corral/client';
import assert from 'node:assert/strict';
import type { ClientCase } from './case.ts';
import { errorOf } from './expect-error.ts';

/** Nodes: making, reading, changing, refusing. */
export const nodeCases: readonly ClientCase[] = [
  {
    title: 'nodes are created, read, set and deleted, and their Stat says so',
    async run(stage) {
      const zk = await stage.client();
      const created = await zk.create('/a', 'one');
      assert.equal(created.path, '/a');
      assert.equal(created.stat.dataLength, 3);
      const changed = await zk.set('/a', 'three', { version: 0 });
      const { data, stat } = await zk.get('/a', utf8);
      assert.equal(data, 'three');
      assert.deepEqual(stat, changed);
      assert.equal(stat.version, 1);
      assert.ok(stat.mzxid > stat.czxid);
      await zk.delete('/a', { version: 1 });
      assert.equal(await zk.exists('/a'), null);
      assert.equal(await zk.tryGet('/a'), null);
    },
  },
  {
    title: 'nodes of every mode are what they are called',
    async run(stage) {
      const zk = await stage.client();
      const other = await stage.client();
      const ephemeral = await zk.create('/e', '', { mode: 'ephemeral' });
      const first = await zk.create('/s-', '', { sequential: true });
      const second = await zk.create('/s-', '', { mode: 'ephemeral', sequential: true });
      await zk.create('/c', '', { mode: 'container' });
      await zk.create('/t', '', { ttl: 60_000 });
      const third = await zk.create('/s-', '', { ttl: 60_000, sequential: true });
      assert.equal(ephemeral.stat.ephemeralOwner, zk.sessionId);
      assert.ok(first.path < second.path && second.path < third.path);
      assert.match(first.path, /^\/s-\d{10}$/);
      await zk.close();
      await other.sync();
      const { names } = await other.children('/');
      assert.deepEqual(names.toSorted(), ['c', first.path.slice(1), third.path.slice(1), 't'].toSorted());
    },
  },
  {
    title: 'a tree is made with its parents, walked, counted and deleted as a whole',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/t/b/c', '', { parents: true });
      await zk.create('/t/a', '');
      const seen: string[] = [];
      for await (const { path } of zk.walk('/t')) seen.push(path);
      assert.deepEqual(seen, ['/t', '/t/a', '/t/b', '/t/b/c']);
      assert.equal(await zk.childCount('/t'), 3);
      assert.equal((await errorOf(zk.delete('/t'))).name, 'NotEmptyError');
      await zk.delete('/t', { recursive: true });
      assert.equal(await zk.exists('/t'), null);
    },
  },
  {
    title: 'what a server refuses is an error of its own class, with the path as it was asked for',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/a', '');
      await zk.create('/e', '', { mode: 'ephemeral' });
      const errors = await Promise.all(
        [
          zk.get('/none'),
          zk.create('/a', ''),
          zk.create('/none/x', ''),
          zk.set('/a', '', { version: 7 }),
          zk.delete('/a', { version: 7 }),
          zk.create('/e/x', ''),
          zk.setAcl('/a', []),
        ].map(errorOf),
      );
      assert.deepEqual(
        errors.map(({ name, message }) => `${name} ${message.split(': ')[1]}`),
        [
          'NoNodeError getData /none',
          'NodeExistsError create2 /a',
          'NoNodeError create2 /none/x',
          'BadVersionError setData /a',
          'BadVersionError delete /a',
          'NoChildrenForEphemeralsError create2 /e/x',
          'InvalidAclError setACL /a',
        ],
      );
    },
  },
  {
    title: 'thousands of requests in flight are answered in the order of the calls',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/n', '');
      const sets = Array.from({ length: 2000 }, (_, i) => zk.set('/n', `${i}`, { version: i }));
      const read = zk.get('/n', utf8);
      const versions = (await Promise.all(sets)).map(({ version }) => version);
      assert.deepEqual(
        versions,
        Array.from({ length: 2000 }, (_, i) => i + 1),
      );
      assert.equal((await read).data, '1999');
    },
  },
  {
    title: 'the largest node comes back as it was, and one more byte is refused here',
    async run(stage) {
      const zk = await stage.client();
      const data = Uint8Array.from({ length: 1_048_000 }, (_, i) => i * 7);
      await zk.create('/large', data);
      assert.ok(Buffer.from((await zk.get('/large')).data).equals(data));
      assert.equal((await errorOf(zk.set('/large', new Uint8Array(1_048_576)))).name, 'RangeError');
      assert.equal(zk.state, 'connected');
    },
  },
  {
    title: 'text of any script is a path and data',
    async run(stage) {
      const zk = await stage.client();
      const path = '/räume/会議室/ключ';
      await zk.create(path, 'schlüssel 🗝', { parents: true });
      assert.equal((await zk.get(path, utf8)).data, 'schlüssel 🗝');
      assert.deepEqual((await zk.children('/räume/会議室')).names, ['ключ']);
    },
  },
  {
    title: 'a client that knows the password may, and one that does not may not',
    async run(stage) {
      const zk = await stage.client({ auth: [{ scheme: 'digest', auth: 'ann:secret' }] });
      const stranger = await stage.client();
      await zk.create('/mine', 'x', { acl: acl.creatorAll });
      await stranger.sync('/mine');
      assert.equal((await errorOf(stranger.get('/mine'))).name, 'NoAuthError');
      await stranger.addAuth('digest', 'ann:secret');
      assert.equal((await stranger.get('/mine', utf8)).data, 'x');
      const { acl: entries, stat } = await zk.getAcl('/mine');
      assert.deepEqual(
        entries.map(({ perms, scheme, id }) => `${scheme}:${id.split(':')[0]}:${perms}`),
        ['digest:ann:cdrwa'],
      );
      await zk.setAcl('/mine', acl.open, { version: stat.aversion });
      const identities = (await zk.whoAmI()).map(({ scheme }) => scheme);
      assert.ok(identities.includes('digest') && identities.includes('ip'));
    },
  },
  {
    title: 'a transaction happens as a whole, or is refused with the operation that was to blame',
    async run(stage) {
      const zk = await stage.client();
      const done = await zk
        .transaction()
        .create('/a', 'x')
        .check('/a', 0)
        .set('/a', 'y', 0)
        .create('/a/s-', '', { sequential: true })
        .delete('/a/s-0000000000')
        .commit();
      assert.equal(done[0].path, '/a');
      assert.equal(done[2].version, 1);
      assert.equal(done[3].path, '/a/s-0000000000');
      const refused = await errorOf(zk.transaction().create('/b', '').check('/a', 7).set('/a', 'z').commit());
      assert.equal(refused.name, 'BadVersionError');
      assert.equal((refused as Error & { index: number }).index, 1);
      assert.equal(await zk.exists('/b'), null);
    },
  },
  {
    title: 'several reads of one moment have each their own outcome',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/a', 'x');
      await zk.create('/a/b', '');
      const [data, missing, children] = await zk.multiRead().get('/a').get('/none').children('/a').read();
      assert.ok(!(data instanceof Error) && data.stat.numChildren === 1);
      assert.ok(missing instanceof Error && missing.name === 'NoNodeError');
      assert.deepEqual(children, ['b']);
    },
  },
  {
    title: 'quotas, the ephemeral nodes of a session, the configuration and the words of a server are told',
    async run(stage) {
      const zk = await stage.client();
      await zk.create('/q', '');
      await zk.quotas.set('/q', { count: 5 });
      await zk.create('/q/a', '', { mode: 'ephemeral' });
      assert.deepEqual((await zk.quotas.get('/q'))?.quota, { count: 5 });
      await zk.quotas.delete('/q');
      assert.equal(await zk.quotas.get('/q'), null);
      assert.deepEqual(await zk.ephemerals('/q'), ['/q/a']);
      assert.equal(typeof (await zk.ensemble.config()).version, 'bigint');
      assert.match(await zk.command('srvr'), /Zookeeper version/);
      await zk.sync();
    },
  },
  {
    title: 'clients that count in one typed node lose no count',
    async run(stage) {
      const clients = await Promise.all([1, 2, 3].map(() => stage.client()));
      await clients[0]!.create('/count', '0');
      // The others may be at a member that is behind.
      await Promise.all(clients.map((client) => client.sync('/count')));
      const count = async (index: number): Promise<void> => {
        const node = clients[index]!.node('/count', json(number));
        for (let i = 0; i < 20; i++) await node.update((value) => value + 1);
      };
      await Promise.all([count(0), count(1), count(2)]);
      await clients[1]!.sync('/count');
      assert.equal((await clients[1]!.get('/count', utf8)).data, '60');
    },
  },
];

const number: StandardSchema<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'a test',
    validate: (value) =>
      typeof value === 'number' ? { value } : { issues: [{ message: 'it is no number' }] },
  },
};
