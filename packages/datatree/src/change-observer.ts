import type { Acl, Zxid } from '@corral/protocol';

/**
 * Told of every change that `DataTree.apply` makes, while it is made and in order: a delete in a multi is told
 * before the create that follows it. ACL lists are the tree's own, interned: compare them by identity, never
 * change them. `Watches` is one.
 */
export interface ChangeObserver {
  /** Nothing would come of telling it now: paths need not be made text for it. */
  readonly isIdle: boolean;
  /** @param acl of the new node @param parentAcl of its parent: it decides who hears that the children changed */
  created(path: string, zxid: Zxid, acl: readonly Acl[], parentAcl: readonly Acl[]): void;
  /** @param acl of the node before it went */
  deleted(path: string, zxid: Zxid, acl: readonly Acl[], parentAcl: readonly Acl[]): void;
  dataChanged(path: string, zxid: Zxid, acl: readonly Acl[]): void;
}
