import { describe, expect, it } from 'vitest';
import { acknowledgedNodes, absentAfterRestart } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';

describe('ZOOKEEPER-2332: the newest log file is empty, because a power cut came behind its creation, and the server does not start', () => {
  it.each([
    ['nothing', 0],
    ['zeros that were to become its header and records', 16 * 1024],
  ])(
    'a server whose newest log file holds %s starts with everything that was acknowledged',
    async (_, length) => {
      // Given acknowledged nodes, and a server that died
      const server = await ServerOnDisk.serving();
      const paths = await acknowledgedNodes(server.world, 20);
      server.die();

      // When the next log file was begun, and no more
      await server.write('log.100', new Uint8Array(length));

      // Then the server starts, has all nodes, takes writes, and starts again
      expect(await absentAfterRestart(server, paths)).toEqual([]);
      const more = await acknowledgedNodes(server.world, 20, 'more');
      server.die();
      expect(await absentAfterRestart(server, [...paths, ...more])).toEqual([]);
    },
  );
});
