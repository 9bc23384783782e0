import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';
import { create, exists } from './harness/server-specs.ts';

describe('ZOOKEEPER-1090: a snapshot is written while transactions come, and takes the zxid of one that is not inside', () => {
  it('transactions that come while it is written are replayed, wherever the walk has got to', async () => {
    for (const at of ['', '/zookeeper/quota', '/zookeeper', '/b', '/a']) {
      // Given a snapshot during which nodes are created, changed and deleted
      const apache = new ApacheServer();
      for (const path of ['/a', '/b', '/c']) apache.create(path);
      apache.snapshot({
        [at]: () => {
          apache.create('/d');
          apache.setData('/a', 'changed');
          apache.delete('/c');
        },
      });

      // When a server starts on it, then it has what the one that wrote it had
      expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    }
  });

  it('a server of our own that dies while it takes one, or behind it, loses nothing', async () => {
    // Given a server that takes a snapshot every few writes of a stream that does not end
    const config = { snapCount: 6 };
    const server = await ServerOnDisk.serving(config);
    let written = 0;
    for (let life = 0; life < 10; life++) {
      const client = await server.world.client();
      for (let i = 0; i < 30; i++) client.send(OpCode.create, create(`/${life}-${i}`));

      // When the power is cut somewhere on the way
      await server.world.pass(life % 3);
      const acknowledged = client.frames.length;
      written += acknowledged;
      server.losePower();

      // Then everything acknowledged is there
      await server.start(config);
      const reader = await server.world.client();
      for (let i = 0; i < acknowledged; i++)
        expect((await server.world.run(reader.request(OpCode.exists, exists(`/${life}-${i}`)))).err).toBe(0);
    }
    expect(written).toBeGreaterThan(0);
  });
});
