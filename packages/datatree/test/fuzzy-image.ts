import { JuteWriter } from '@corral/jute';
import { type Acl, OPEN_ACL_UNSAFE, writeAcls } from '@corral/protocol';
import type { DataTree } from '../src/index.ts';

/**
 * The body of a snapshot the way Apache takes one: sessions and ACL lists first, then the nodes one after the
 * other while the tree goes on changing - each node as it is when its turn comes, its children those it has then.
 * Yields before each node, with its path; "" is the root. Children come one after the other, from the last to the first.
 */
export function* fuzzyImage(tree: DataTree): Generator<string, Uint8Array> {
  const w = new JuteWriter();
  w.writeInt(tree.sessions.size);
  for (const [id, timeout] of tree.sessions) {
    w.writeLong(id);
    w.writeInt(timeout);
  }
  const ids = new Map<readonly Acl[], number>();
  for (const [, acls] of tree.state.acls.entries()) ids.set(acls, ids.size + 1);
  w.writeInt(ids.size);
  for (const [acls, id] of ids) {
    w.writeLongNumber(id);
    writeAcls(w, acls);
  }
  const open = [''];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    yield path;
    const node = tree.find(path);
    if (node === 0) continue;
    w.writeString(path);
    tree.writeData(node, w);
    writeAclId(w, tree.acl(node), ids);
    writeStat(w, tree, node);
    for (const name of tree.children(node)) open.push(`${path}/${name}`);
  }
  w.writeString('/');
  return w.copy();
}

/** Lists that came up since the table was written have ids that are not in it. */
function writeAclId(w: JuteWriter, acls: readonly Acl[], ids: Map<readonly Acl[], number>): void {
  if (acls === OPEN_ACL_UNSAFE) return w.writeLongNumber(-1);
  let id = ids.get(acls);
  if (id === undefined) ids.set(acls, (id = ids.size + 1));
  w.writeLongNumber(id);
}

function writeStat(w: JuteWriter, tree: DataTree, node: number): void {
  const stat = tree.stat(node);
  w.writeLongNumber(stat.czxid);
  w.writeLongNumber(stat.mzxid);
  w.writeLongNumber(stat.ctime);
  w.writeLongNumber(stat.mtime);
  w.writeInt(stat.version);
  w.writeInt(tree.state.store.cversion(node));
  w.writeInt(stat.aversion);
  w.writeLong(tree.state.store.owner(node));
  w.writeLongNumber(stat.pzxid);
}
