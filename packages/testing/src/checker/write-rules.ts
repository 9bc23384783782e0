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
 * What a server must answer at this state, in Apache's order of checks (PrepRequestProcessor).
 *
 * @param asker whoever asks; where nobody can tell whether it is allowed, it is as `assumed` says
 */
export function expectedError(tree: ModelTree, write: NodeWrite, asker: Asker): number {
  if (write.op === 'create') return expectedOfCreate(tree, write, asker);
  if (write.op === 'delete') return expectedOfDelete(tree, write, asker);
  const node = tree.find(write.path);
  if (node === undefined) return ErrorCode.NONODE;
  if (!mayDo(node, PERMS[write.op], asker)) return ErrorCode.NOAUTH;
  const version = write.op === 'setACL' ? node.aversion : node.version;
  return fits(write.version, version) ? ErrorCode.OK : ErrorCode.BADVERSION;
}

/** Who asks, when it was sent, and what to believe where the history does not tell whether it is allowed. */
export interface Asker {
  readonly actor: Actor;
  readonly sentAt: number;
  readonly assumed: boolean;
}

function expectedOfCreate(
  tree: ModelTree,
  write: Extract<NodeWrite, { op: 'create' }>,
  asker: Asker,
): number {
  const parent = tree.find(parentPath(write.path));
  if (parent === undefined) return ErrorCode.NONODE;
  if (!mayDo(parent, Perms.CREATE, asker)) return ErrorCode.NOAUTH;
  const isNameKnown = !isSequential(write.mode) || !Number.isNaN(parent.creates);
  if (isNameKnown && tree.find(nameOf(tree, write)) !== undefined) return ErrorCode.NODEEXISTS;
  return parent.owner === 0n ? ErrorCode.OK : ErrorCode.NOCHILDRENFOREPHEMERALS;
}

function expectedOfDelete(
  tree: ModelTree,
  write: Extract<NodeWrite, { op: 'delete' }>,
  asker: Asker,
): number {
  const parent = tree.find(parentPath(write.path));
  if (parent === undefined) return ErrorCode.NONODE;
  if (!mayDo(parent, Perms.DELETE, asker)) return ErrorCode.NOAUTH;
  const node = tree.find(write.path);
  if (node === undefined) return ErrorCode.NONODE;
  if (!fits(write.version, node.version)) return ErrorCode.BADVERSION;
  return node.children.size === 0 ? ErrorCode.OK : ErrorCode.NOTEMPTY;
}

function mayDo(node: ModelNode, perms: number, { actor, sentAt, assumed }: Asker): boolean {
  if (node.aclSettledAt >= sentAt) return assumed;
  return isAllowed(node.acl, perms, actor) ?? assumed;
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
      tree.setAcl(node!, storedAcl(write.acl, actor), by);
      return node;
    default:
      return node;
  }
}

function fits(asked: number, actual: number): boolean {
  return asked === ANY_VERSION || asked === actual || Number.isNaN(actual);
}

const ANY_VERSION = -1;
const PERMS = { setData: Perms.WRITE, check: Perms.READ, setACL: Perms.ADMIN } as const;
