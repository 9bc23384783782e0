import { JuteWriter } from '@corral/jute';
import { CRC_BEGIN, crcEnd, crcUpdate } from '../src/crc32.ts';
import type { DataTree } from '../src/index.ts';

/**
 * Everything a tree holds, in an order that does not depend on how it came about. Two replicas are the same where
 * this is: nodes with data, Stat, owner and ACL, sessions, and every index as it is kept.
 */
export function describeTree(tree: DataTree): Record<string, unknown> {
  const nodes: Record<string, string> = {};
  for (const path of pathsOf(tree)) nodes[path] = describeNode(tree, path);
  return {
    nodes,
    sessions: sortedEntries(tree.sessions),
    ephemerals: sortedEntries(
      new Map(Array.from(tree.allEphemerals(), ([id, paths]) => [id, [...paths].toSorted()])),
    ),
    cleanUp: Array.from(tree.candidatesForContainerCleanup(Number.MAX_SAFE_INTEGER, 1), String).toSorted(),
    quotas: tree
      .listQuotas()
      .map((quota) => `${quota.path} ${quota.limits.toString()} ${quota.usage.toString()}`)
      .toSorted(),
    digest: tree.digest,
    nodeCount: tree.nodeCount,
    ephemeralCount: tree.ephemeralCount,
    approximateDataSize: tree.approximateDataSize,
    aclCount: tree.aclCount,
  };
}

function pathsOf(tree: DataTree): string[] {
  const paths: string[] = [];
  const open = ['/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    paths.push(path);
    for (const name of tree.children(tree.find(path)))
      open.push(path === '/' ? `/${name}` : `${path}/${name}`);
  }
  return paths.toSorted();
}

function describeNode(tree: DataTree, path: string): string {
  const node = tree.find(path);
  const w = new JuteWriter();
  tree.writeStat(node, w);
  const stat = hexOf(w.bytes());
  w.clear();
  tree.writeData(node, w);
  const data = crcEnd(crcUpdate(CRC_BEGIN, w.bytes(), 0, w.length));
  const owner = tree.state.store.owner(node).toString(16);
  const acl = tree.acl(node).map((entry) => `${entry.perms}:${entry.scheme}:${entry.id}`);
  const below = tree.descendantCount(node);
  return `${stat} data ${data} cversion ${tree.state.store.cversion(node)} owner ${owner} acl ${acl.join()} below ${below}`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sortedEntries<V>(map: ReadonlyMap<bigint, V>): [string, V][] {
  return [...map]
    .map(([id, value]): [string, V] => [id.toString(16), value])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
