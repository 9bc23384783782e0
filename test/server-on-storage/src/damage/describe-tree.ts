import type { DataTree, DataTreeOptions } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';

export const TREE_OPTIONS: DataTreeOptions = {
  digestEnabled: true,
  extendedTypesEnabled: true,
  emulate353TTLNodes: false,
  hashSeed: [0x0123_4567, 0x89ab_cdef],
};

/** Everything a client could read of a tree, as one text that does not depend on how the tree came about. */
export function describeTree(tree: DataTree): string {
  const w = new JuteWriter();
  const lines: string[] = [];
  const open = ['/'];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const node = tree.find(path);
    w.clear();
    tree.writeStat(node, w);
    tree.writeData(node, w);
    const acl = tree.acl(node).map(({ perms, scheme, id }) => `${perms}:${scheme}:${id}`);
    lines.push(`${path} ${Buffer.from(w.bytes()).toString('latin1')} ${acl.join()}`);
    for (const name of tree.children(node)) open.push(path === '/' ? `/${name}` : `${path}/${name}`);
  }
  const sessions = Array.from(tree.sessions, ([id, timeout]) => `session ${id} ${timeout}`);
  return [...lines, ...sessions, `digest ${tree.digest}`].toSorted().join('\n');
}
