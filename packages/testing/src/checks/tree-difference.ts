import type { DataTree } from '@corral/datatree';

/** How `tree` differs from what it should be; undefined where it does not. /zookeeper/config is each member's own. */
export function treeDifference(expected: DataTree, tree: DataTree): string | undefined {
  if (tree.nodeCount !== expected.nodeCount) return `${tree.nodeCount} nodes, not ${expected.nodeCount}`;
  if (tree.digest !== expected.digest) return `digest ${tree.digest}, not ${expected.digest}`;
  const sessions = sessionDifference(expected.sessions, tree.sessions);
  if (sessions !== undefined) return sessions;
  return nodeDifference(expected, tree, '/') ?? ephemeralDifference(expected, tree);
}

function sessionDifference(expected: Map<bigint, number>, found: Map<bigint, number>): string | undefined {
  if (found.size !== expected.size) return `${found.size} sessions, not ${expected.size}`;
  for (const [id, timeout] of expected)
    if (found.get(id) !== timeout)
      return `session 0x${id.toString(16)}: timeout ${found.get(id)}, not ${timeout}`;
  return undefined;
}

function nodeDifference(expected: DataTree, tree: DataTree, path: string): string | undefined {
  const left = expected.find(path);
  const right = tree.find(path);
  if (right === 0) return `${path} is missing`;
  if (path !== CONFIG) {
    const a = expected.stat(left);
    const b = tree.stat(right);
    for (const field of Object.keys(a) as (keyof typeof a)[])
      if (a[field] !== b[field]) return `${path}: ${field} is ${String(b[field])}, not ${String(a[field])}`;
    if (!isEqual(expected.data(left), tree.data(right))) return `${path}: other data`;
    if (aclText(expected, left) !== aclText(tree, right)) return `${path}: another ACL`;
  }
  const children = expected.children(left).toSorted();
  const found = tree.children(right).toSorted();
  if (children.join('/') !== found.join('/'))
    return `${path}: children ${found.join()}, not ${children.join()}`;
  for (const name of children) {
    const difference = nodeDifference(expected, tree, path === '/' ? `/${name}` : `${path}/${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function ephemeralDifference(expected: DataTree, tree: DataTree): string | undefined {
  const owners = expected.ephemeralOwners().toSorted(byNumber);
  const found = tree.ephemeralOwners().toSorted(byNumber);
  if (owners.join() !== found.join())
    return `owners of ephemeral nodes: ${found.join()}, not ${owners.join()}`;
  for (const owner of owners) {
    const a = expected.ephemerals(owner).toSorted().join();
    const b = tree.ephemerals(owner).toSorted().join();
    if (a !== b) return `ephemeral nodes of 0x${owner.toString(16)}: ${b}, not ${a}`;
  }
  return undefined;
}

function byNumber(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

function aclText(tree: DataTree, node: ReturnType<DataTree['find']>): string {
  return tree
    .acl(node)
    .map(({ perms, scheme, id }) => `${perms} ${scheme}:${id}`)
    .join();
}

function isEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const CONFIG = '/zookeeper/config';
