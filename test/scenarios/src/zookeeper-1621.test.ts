import { describe, expect, it } from 'vitest';
import { acknowledgedNodes, absentAfterRestart } from './harness/acknowledged-nodes.ts';
import { ServerOnDisk } from './harness/server-on-disk.ts';

const HEADER_BYTES = 16;

describe('ZOOKEEPER-1621 (open for long): a full disk leaves a log file with a piece of its header, and the server does not start', () => {
  it('a server whose newest log file holds any piece of a header starts with everything that was acknowledged', async () => {
    for (let length = 1; length <= HEADER_BYTES; length++) {
      // Given acknowledged nodes, and a server that died
      const server = await ServerOnDisk.serving();
      const paths = await acknowledgedNodes(server.world, 5);
      server.die();

      // When so much of the header of the next log file was written
      const [newest] = await server.files('log.');
      await server.write('log.100', (await server.read(newest!)).slice(0, length));

      // Then the server starts, and has all nodes
      expect([length, await absentAfterRestart(server, paths)]).toEqual([length, []]);
    }
  });

  it('a disk that is full for a while costs no acknowledged node, and the server starts again', async () => {
    // Given a disk that takes no more, from one write of the log to the next
    const server = await ServerOnDisk.serving({ snapCount: 10 });
    const paths = await acknowledgedNodes(server.world, 20);
    server.disk.faults = ({ kind, path }) =>
      path.includes('log.') && kind === 'write' ? { error: 'NO_SPACE' } : undefined;

    // When a write finds it full, the server ends rather than acknowledges
    await expect(acknowledgedNodes(server.world, 1, 'never')).rejects.toThrow('closed');
    server.die();

    // Then it starts with everything once there is room
    expect(await absentAfterRestart(server, paths)).toEqual([]);
  });
});
