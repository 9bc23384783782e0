import { CreateRequest, type MultiOp, OpCode, writeMultiRequest } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree, open } from './harness/apache-server.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { bytesOf, create, exists } from './harness/server-specs.ts';

const MULTIS = 20;

describe('ZOOKEEPER-3127: a snapshot is cut while a multi is applied, and takes its zxid with only a part of it inside', () => {
  it('a snapshot with one half of a multi is made whole by the log', async () => {
    // Given a snapshot that is written while a multi creates a node under /first and one under /second
    const apache = new ApacheServer();
    apache.create('/first');
    apache.create('/second');
    // When it has passed the one and not yet the other
    const written = apache.snapshot({ '/first': () => apache.multi(halvesBelow('/first', '/second')) });
    expect(written).toContain('/first/half');
    expect(written).not.toContain('/second/half');

    // Then the server that starts on it has both, as the one that wrote it
    const tree = await apache.recovered();
    expect(tree.find('/second/half')).not.toBe(0);
    expect(describeTree(tree)).toEqual(describeTree(apache.tree));
  });

  it('no snapshot of our own cuts a multi: whatever is left of the log, both halves are there or none', async () => {
    // Given a server that takes a snapshot every few transactions, under a stream of multis
    const config = { snapCount: 4, autopurge: { snapRetainCount: 3, intervalMs: 0 } };
    const server = await ServerOnDisk.serving(config);
    const client = await server.world.client();
    for (let i = 0; i < 2; i++) await server.world.run(client.request(OpCode.create, create(`/${i}`)));
    for (let i = 0; i < MULTIS; i++) {
      client.send(
        OpCode.multi,
        bytesOf((w) => writeMultiRequest(w, halvesBelow(`/0/${i}`, `/1/${i}`, ''))),
      );
      await server.world.pass(i % 4);
    }
    await server.world.pass(100);
    server.die();
    const snapshots = await server.files('snapshot.');
    expect(snapshots.length).toBeGreaterThan(4);

    // When each of its snapshots in turn is all that there is
    for (const name of await server.files('log.')) await server.remove(name);
    await server.remove('corral.synced');
    for (const newest of snapshots.toReversed()) {
      await server.start(config);
      const reader = await server.world.client();

      // Then there are as many of the one half as of the other
      for (let i = 0; i < MULTIS; i++) {
        const half = async (parent: number) =>
          (await server.world.run(reader.request(OpCode.exists, exists(`/${parent}/${i}`)))).err;
        expect([newest, i, await half(0)]).toEqual([newest, i, await half(1)]);
      }
      server.die();
      for (const name of await server.files('log.')) await server.remove(name);
      for (const name of ['corral.synced', newest]) await server.remove(name);
    }
  });
});

function halvesBelow(first: string, second: string, name = '/half'): MultiOp[] {
  return [first, second].map((parent) => ({
    type: OpCode.create,
    record: new CreateRequest(`${parent}${name}`, null, open(), 0),
  }));
}
