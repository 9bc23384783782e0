import { Acl, Perms } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';

const listOf = (user: string): Acl[] => [new Acl(Perms.ALL, 'digest', `${user}:x`)];

describe('ZOOKEEPER-4846: a snapshot names an ACL that it does not have, and the server does not start any more', () => {
  it('a node that was deleted, or given another ACL, behind the snapshot is replayed', async () => {
    // Given nodes with ACLs that are not in the table of the snapshot
    const apache = new ApacheServer();
    const written = apache.snapshot({
      '': () => {
        apache.create('/changed', '', 0, {}, listOf('before'));
        apache.create('/deleted', '', 0, {}, listOf('gone'));
        apache.create('/written', '', 0, {}, listOf('writer'));
      },
      // When they change once they are written, and nothing names these ACLs any more
      '/zookeeper': () => {
        apache.setAcl('/changed', listOf('after'), -1);
        apache.delete('/deleted');
        apache.setData('/written', 'x');
      },
    });
    expect(written).toEqual(expect.arrayContaining(['/changed', '/deleted', '/written']));

    // Then the server starts, and has what the one that wrote it had
    expect(describeTree(await apache.recovered())).toEqual(describeTree(apache.tree));
    await (await apache.disk()).start();
  });
});
