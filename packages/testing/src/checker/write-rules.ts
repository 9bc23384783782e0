import {
  ErrorCode,
  isContainer,
  isEphemeral,
  isSequential,
  isTtl,
  parentPath,
  Perms,
  sequenceSuffix,
} from '@corral/protocol';
import type { FurtherOperation, HistoryRecord, WriteOperation } from '../history.ts';
import { ModelNode, type ModelTree } from './model-tree.ts';
import { type Actor, isAllowed, storedAcl } from './permission.ts';

/** A write of one node. */
export type NodeWrite = WriteOperation | Extract<FurtherOperation, { op: 'setACL' }>;

/** The name that a create gives. NaN among the digits: the parent's counter is not known. */
export function nameOf(tree: ModelTree, write: Extract<NodeWrite, { op: 'create' }>): string {
  if (!isSequential(write.mode)) return write.path;
  return write.path + sequenceSuffix(tree.find(parentPath(write.path))?.creates ?? 0);
}

/**
 * What a server must answer at this state, in Apache's order of checks (PrepRequestProcessor). Undefined: cannot be
 * told, because an ACL looks at something that the history does not hold.
 */
export function expectedError(tree: ModelTree, write: NodeWrite, actor: Actor): number | undefined {
  switch (write.op) {
    case 'create': {
      const parent = tree.find(parentPath(write.path));
      if (parent === undefined) return ErrorCode.NONODE;
      const mayCreate = isAllowed(parent.acl, Perms.CREATE, actor);
      if (mayCreate !== true) return mayCreate === false ? ErrorCode.NOAUTH : undefined;
      if (tree.find(nameOf(tree, write)) !== undefined) return ErrorCode.NODEEXISTS;
      return parent.owner === 0n ? ErrorCode.OK : ErrorCode.NOCHILDRENFOREPHEMERALS;
    }
    case 'delete': {
      const parent = tree.find(parentPath(write.path));
      if (parent === undefined) return ErrorCode.NONODE;
      const mayDelete = isAllowed(parent.acl, Perms.DELETE, actor);
      if (mayDelete !== true) return mayDelete === false ? ErrorCode.NOAUTH : undefined;
      const node = tree.find(write.path);
      if (node === undefined) return ErrorCode.NONODE;
      if (!fits(write.version, node.version)) return ErrorCode.BADVERSION;
      return node.children.size === 0 ? ErrorCode.OK : ErrorCode.NOTEMPTY;
    }
    case 'setData':
      return expectedAt(tree.find(write.path), Perms.WRITE, write.version, 'version', actor);
    case 'check':
      return expectedAt(tree.find(write.path), Perms.READ, write.version, 'version', actor);
    default:
      return expectedAt(tree.find(write.path), Perms.ADMIN, write.version, 'aversion', actor);
  }
}

/** Does what is expected to go well; gives the node that it made or changed. */
export function perform(
  tree: ModelTree,
  write: NodeWrite,
  zxid: number,
  actor: Actor,
  by: HistoryRecord | undefined,
): ModelNode | undefined {
  const node = tree.find(write.path);
  switch (write.op) {
    case 'create': {
      const owner = isEphemeral(write.mode) ? actor.session : 0n;
      const isReaped = isContainer(write.mode) || isTtl(write.mode);
      const created = new ModelNode(nameOf(tree, write), zxid, owner, isReaped);
      created.value = write.value;
      created.acl = storedAcl(write.acl, actor);
      created.writer = by;
      tree.create(created);
      return created;
    }
    case 'delete':
      tree.remove(node!, zxid, by);
      return undefined;
    case 'setData':
      tree.setData(node!, write.value, zxid, by);
      return node;
    case 'setACL':
      tree.setAcl(node!, storedAcl(write.acl, actor));
      return node;
    default:
      return node;
  }
}

function expectedAt(
  node: ModelNode | undefined,
  perms: number,
  version: number,
  counter: 'version' | 'aversion',
  actor: Actor,
): number | undefined {
  if (node === undefined) return ErrorCode.NONODE;
  const isPermitted = isAllowed(node.acl, perms, actor);
  if (isPermitted !== true) return isPermitted === false ? ErrorCode.NOAUTH : undefined;
  return fits(version, node[counter]) ? ErrorCode.OK : ErrorCode.BADVERSION;
}

function fits(asked: number, actual: number): boolean {
  return asked === ANY_VERSION || asked === actual || Number.isNaN(actual);
}

const ANY_VERSION = -1;
