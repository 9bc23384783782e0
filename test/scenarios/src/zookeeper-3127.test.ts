import { CreateRequest, type MultiOp, OpCode, writeMultiRequest } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree, open } from './harness/apache-server.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { bytesOf, create, getData, setData } from './harness/server-specs.ts';

const MULTIS = 60;

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
    // Given a server with much between two nodes, whose disk takes its time for snapshots
    const config = { snapCount: 8, autopurge: { snapRetainCount: 3, intervalMs: 0 } };
    const server = await ServerOnDisk.serving(config);
    const { world } = server;
    const client = await world.client();
    for (const path of ['/first', '/between', '/second'])
      await world.run(client.request(OpCode.create, create(path, '-')));
    for (let i = 0; i < 20; i++)
      await world.run(client.request(OpCode.create, create(`/between/${i}`, 'x'.repeat(20_000))));
    server.disk.faults = ({ kind, path }) =>
      kind === 'write' && path.includes('snapshot')
        ? { wait: new Promise((resolve) => world.runtime.clock.after(5, resolve)) }
        : undefined;

    // When snapshots are taken under a stream of multis, each of which changes both nodes to the same
    for (let i = 0; i < MULTIS; i++) {
      const halves = ['/first', '/second'].map((path): MultiOp => ({
        type: OpCode.setData,
        record: setData(path, `${i}`),
      }));
      client.send(
        OpCode.multi,
        bytesOf((w) => writeMultiRequest(w, halves)),
      );
      await world.pass(2);
    }
    await world.pass(100);
    server.die();
    const snapshots = await server.files('snapshot.');
    expect(snapshots.length).toBeGreaterThan(3);

    // Then each of them, without any log, has both halves of a multi or none
    for (const name of await server.files('log.')) await server.remove(name);
    await server.remove('corral.synced');
    for (const newest of snapshots.toReversed().slice(0, -1)) {
      await server.start(config);
      const reader = await world.client();
      const first = await world.run(reader.request(OpCode.getData, getData('/first')));
      const second = await world.run(reader.request(OpCode.getData, getData('/second')));
      expect([newest, first.body.readBuffer()]).toEqual([newest, second.body.readBuffer()]);
      server.die();
      for (const name of await server.files('log.')) await server.remove(name);
      for (const name of ['corral.synced', newest]) await server.remove(name);
    }
  });
});

function halvesBelow(first: string, second: string): MultiOp[] {
  return [first, second].map((parent) => ({
    type: OpCode.create,
    record: new CreateRequest(`${parent}/half`, null, open(), 0),
  }));
}
