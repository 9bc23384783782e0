import { Acl, Perms } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { ApacheServer, describeTree } from './harness/apache-server.ts';

const listOf = (user: number): Acl[] => [new Acl(Perms.ALL, 'digest', `user${user}:x`)];

describe('ZOOKEEPER-4689 (open): ids of ACLs are given anew after a snapshot was loaded, and a node gets the ACL of another', () => {
  it('every node has its own ACL, before and after another snapshot', async () => {
    // Given the last user of an ACL is gone, and a snapshot is begun
    const apache = new ApacheServer();
    apache.create('/a0', '', 0, {}, listOf(6));
    apache.delete('/a0');
    apache.snapshot({
      // When two nodes with new ACLs come into it, in the other order than they are written
      '': () => {
        apache.create('/a1', '', 0, {}, listOf(7));
        apache.create('/a2', '', 0, {}, listOf(8));
      },
      // And one more comes behind it
      '/zookeeper': () => apache.create('/a3', '', 0, {}, listOf(7)),
    });

    // Then each has its own
    const tree = await apache.recovered();
    const aclOf = (path: string) => tree.acl(tree.find(path));
    expect(['/a1', '/a2', '/a3'].map(aclOf)).toEqual([listOf(7), listOf(8), listOf(7)]);
    expect(describeTree(tree)).toEqual(describeTree(apache.tree));
  });
});
