import { OpCode } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';
import { exists } from './harness/server-specs.ts';

describe('ZOOKEEPER-1573: the log creates a node below one that was deleted before the snapshot came to it', () => {
  it('the server starts, and everything else is there', async () => {
    // Given a snapshot that is begun while /parent is there
    const apache = new ApacheServer();
    apache.create('/parent');
    const written = apache.snapshot({
      // When a child is made and both go before the walk begins
      '': () => {
        apache.create('/parent/child');
        apache.setData('/parent/child', 'x');
        apache.delete('/parent/child');
        apache.delete('/parent');
        apache.create('/other');
      },
    });
    expect(written).not.toContain('/parent');
    apache.create('/last');

    // Then the log is replayed over what is missing
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    const world = await (await apache.disk()).start();
    const client = await world.client();
    expect((await world.run(client.request(OpCode.exists, exists('/last')))).err).toBe(0);
  });
});
