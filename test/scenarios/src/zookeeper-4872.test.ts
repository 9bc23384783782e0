import { ExistsResponse, OpCode } from '@corral/protocol';
import { expect, it } from 'vitest';
import { scenario } from './harness/scenario.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { create, exists, replyOf, setData } from './harness/server-specs.ts';

scenario(
  'ZOOKEEPER-4872: taking a snapshot under load replays the log into the live tree, and changes it',
  async (newCluster) => {
    // given: three servers under load that take snapshots all the time, each of which takes its while
    const cluster = newCluster({ config: { snapCount: 4 } });
    await cluster.startAll();
    const clients = [await cluster.client(1), await cluster.client(2), await cluster.client(3)];
    await clients[0]!.create('/counter', '0');

    // when: what is not idempotent is done while they are written: versions are counted, sequence numbers given
    const answers: Promise<unknown>[] = [];
    for (let i = 0; i < 12; i++) {
      for (const sid of [1, 2, 3]) cluster.disk(sid).hold('snapshot');
      for (const client of clients)
        answers.push(
          ...client.sendAll([
            { op: 'setData', path: '/counter', value: `${client.session}-${i}`, version: -1 },
            { op: 'create', path: '/seq-', value: `${client.session}+${i}`, mode: 2 },
          ]),
        );
      await cluster.pass(20);
      for (const sid of [1, 2, 3]) cluster.disk(sid).release('snapshot');
      await cluster.pass(20);
    }
    await cluster.run(Promise.all(answers), 'all answers');

    // then: each was counted once, and the digests of all trees are those of their logs
    expect(cluster.lines('snapshot taken').length).toBeGreaterThan(12);
    const { tree } = cluster.committed;
    expect(tree.stat(tree.find('/counter')).version).toBe(36);
    for (const sid of [1, 2, 3]) {
      expect(cluster.tree(sid).digests.mismatchCount).toBe(0);
      expect(cluster.tree(sid).digest).toBe(tree.digest);
    }
    await cluster.ends();
  },
);

it('ZOOKEEPER-4872: a snapshot that an admin asks for under load changes nothing', async () => {
  // given: a server that counts
  const server = await ServerOnDisk.serving();
  const { world } = server;
  const client = await world.client();
  await world.run(client.request(OpCode.create, create('/counter', '0')));

  // when: an admin asks for one snapshot after another meanwhile
  const zxids: number[] = [];
  for (let i = 0; i < 10; i++) {
    for (let k = 0; k < 10; k++) client.send(OpCode.setData, setData('/counter', `${i}-${k}`));
    zxids.push((await world.run(world.server.view.takeSnapshot())).zxid);
    await world.pass(1);
  }
  await world.pass(100);

  // then: each write was counted once, and each snapshot is of another moment
  expect(client.frames.splice(0).map((frame) => replyOf(frame).err)).toEqual(
    Array.from({ length: 100 }, () => 0),
  );
  expect(zxids).toEqual(zxids.toSorted((a, b) => a - b));
  expect(new Set(zxids).size).toBe(10);
  const versions: number[] = [];
  for (let life = 0; life < 2; life++) {
    const reader = await world.client();
    const { body } = await world.run(reader.request(OpCode.exists, exists('/counter')));
    versions.push(ExistsResponse.read(body).stat.version);
    server.die();
    await server.start();
  }
  expect(versions).toEqual([100, 100]);
  expect(world.lines('digests of the log')).toEqual([]);
});
