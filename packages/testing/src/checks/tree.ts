import type { DataTree } from '@corral/datatree';
import type { Invariant, WatchedWorld } from '../invariant.ts';
import { treeDifference } from './tree-difference.ts';

/** Of the replicated state: B1 to B7. */
export const treeInvariants: readonly Invariant[] = [
  {
    name: 'equal-digests',
    says: 'At one zxid all trees have the same digest, in memory or just read from snapshot and log.',
    watch(world) {
      const check = (sid: number, tree: DataTree): void => {
        const known = world.committed.find(tree.lastProcessedZxid);
        if (known !== undefined && known.digest !== tree.digest)
          world.violated(
            `server ${sid} has the digest ${tree.digest} at 0x${known.zxid.toString(16)}, it should be ${known.digest}`,
          );
      };
      return {
        onLooking: ({ sid }, tree) => check(sid, tree),
        onServing: ({ sid }, _role, _epoch, tree) => check(sid, tree),
        onSample: ({ sid }, tree) => check(sid, tree),
      };
    },
  },
  {
    name: 'equal-trees',
    says: 'At one zxid all trees are equal in every node, Stat, ACL and session, and so are the indexes over them.',
    watch(world) {
      const check = (sid: number, tree: DataTree): void => compare(world, sid, tree);
      return {
        onLooking: ({ sid }, tree) => check(sid, tree),
        onServing: ({ sid }, _role, _epoch, tree) => check(sid, tree),
        onCalm() {
          for (const { sid, serving } of world.members.values())
            if (serving !== undefined) check(sid, serving.tree);
        },
      };
    },
  },
];

function compare(world: WatchedWorld, sid: number, tree: DataTree): void {
  if (tree.lastProcessedZxid !== world.committed.lastZxid) return;
  const difference = treeDifference(world.committed.tree, tree);
  if (difference !== undefined)
    world.violated(`the tree of server ${sid} at 0x${tree.lastProcessedZxid.toString(16)}: ${difference}`);
}
