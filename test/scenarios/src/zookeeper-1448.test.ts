import { CreateMode, OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { create, exists } from './harness/server-specs.ts';

const QUOTA: readonly (readonly [string, string])[] = [
  ['/zookeeper/quota/q', ''],
  ['/zookeeper/quota/q/zookeeper_limits', 'count=5,bytes=1000'],
  ['/zookeeper/quota/q/zookeeper_stats', 'count=0,bytes=0'],
];

describe('ZOOKEEPER-1448: a node and its quota are created together, and the replay of both ends the server', () => {
  it('a server whose log has both in one batch starts again', async () => {
    // Given a node, its quota and a child of it, created in one batch
    const server = await ServerOnDisk.serving();
    const client = await server.world.client();
    const requests = [['/q', ''], ...QUOTA, ['/q/child', 'data']] as const;
    for (const [path, data] of requests)
      client.send(OpCode.create, create(path, data, CreateMode.PERSISTENT));
    for (const _ of requests) expect((await server.world.run(client.reply())).err).toBe(0);

    // When the server dies and another starts
    server.die();
    const world = await server.start();

    // Then everything is there
    const again = await world.client();
    for (const [path] of requests)
      expect([path, (await world.run(again.request(OpCode.exists, exists(path)))).err]).toEqual([path, 0]);
  });

  it('a server whose snapshot has the quota and not the node starts, and counts as the one that wrote it', async () => {
    // Given a snapshot that was begun before the node was there, and has its quota
    const apache = new ApacheServer();
    const written = apache.snapshot({
      '/zookeeper': () => {
        apache.create('/q', '');
        for (const [path, data] of QUOTA) apache.create(path, data);
        apache.create('/q/child', 'data');
      },
    });
    expect(written).toContain('/zookeeper/quota/q/zookeeper_limits');
    expect(written).not.toContain('/q');

    // When a server starts on it, then it has the node, and its quota counts the same
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
  });
});
