import { ErrorCode, Perms } from '@corral/protocol';
import type { AclRecord, OperationResult, RequestRecord } from '../history.ts';
import { describe, errorText } from './describe.ts';
import { isOutside } from './evidence.ts';
import { absence, childrenMismatch, type Mismatch, presence, statMismatch } from './mismatch.ts';
import type { ModelNode, ModelTree } from './model-tree.ts';
import { type Actor, isAllowed } from './permission.ts';

type Read = 'exists' | 'getData' | 'getChildren' | 'getACL' | 'getAllChildrenNumber';

/** A read against the state whose zxid it carries. */
export function readMismatch(tree: ModelTree, read: RequestRecord, actor: Actor): Mismatch | undefined {
  const { operation, error, result } = read;
  switch (operation.op) {
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getACL':
    case 'getAllChildrenNumber':
      return nodeMismatch(tree, operation.op, operation.path, error, result, actor);
    case 'getEphemerals':
      return ephemeralsMismatch(tree, operation.path, result, actor);
    case 'multiRead':
      for (const [i, part] of (result?.results ?? []).entries()) {
        const { op, path } = operation.operations[i]!;
        const mismatch = nodeMismatch(tree, op, path, part.error, part, actor);
        if (mismatch !== undefined) return mismatch;
      }
      return undefined;
    default:
      return undefined;
  }
}

function nodeMismatch(
  tree: ModelTree,
  op: Read,
  path: string,
  error: number,
  result: OperationResult | undefined,
  actor: Actor,
): Mismatch | undefined {
  if (isOutside(path)) return undefined;
  const node = tree.find(path);
  if (error === ErrorCode.NONODE) return node === undefined ? undefined : absence(tree, path);
  if (error !== ErrorCode.OK && error !== ErrorCode.NOAUTH) return undefined;
  if (node === undefined) return presence(tree, path, result?.stat?.czxid);
  if (op !== 'exists') {
    const permitted = isAllowed(node.acl, op === 'getACL' ? Perms.READ | Perms.ADMIN : Perms.READ, actor);
    if (permitted === (error === ErrorCode.NOAUTH)) {
      const text = permitted
        ? `is refused by ${errorText(error)}, and the ACL of ${path} allows it`
        : `shows ${path} to somebody whom its ACL does not allow to read`;
      return { rule: 'acl', text, paths: [path], others: [node.writer] };
    }
  }
  if (error !== ErrorCode.OK || result === undefined) return undefined;
  return resultMismatch(tree, node, result);
}

/** What a reply shows of a node, of whatever operation. */
export function resultMismatch(
  tree: ModelTree,
  node: ModelNode,
  result: OperationResult,
): Mismatch | undefined {
  const { path } = node;
  if (result.children !== undefined) {
    const mismatch = childrenMismatch(tree, node, result.children);
    if (mismatch !== undefined) return mismatch;
  }
  if (result.stat !== undefined) {
    const mismatch = statMismatch(tree, node, result.stat);
    if (mismatch !== undefined) return mismatch;
  }
  if (result.value !== undefined && node.value !== undefined && result.value !== node.value) {
    const { writer } = node;
    const text = `reads ${quoted(result.value)} at ${path}, where ${writer === undefined ? 'nobody' : describe(writer)} left ${quoted(node.value)}`;
    return { rule: 'read-state', text, paths: [path], others: [writer] };
  }
  if (result.acl !== undefined && !sameAcl(result.acl, node.acl)) {
    return {
      rule: 'acl',
      text: `shows another ACL of ${path} than was set`,
      paths: [path],
      others: [node.writer],
    };
  }
  if (result.count !== undefined && !Number.isNaN(node.descendants) && result.count !== node.descendants) {
    const text = `counts ${result.count} nodes below ${path}, where there are ${node.descendants}`;
    return {
      rule: 'read-state',
      text,
      paths: [path, ...[...node.children].map((name) => `${path}/${name}`)],
      others: [],
    };
  }
  return undefined;
}

function ephemeralsMismatch(
  tree: ModelTree,
  prefix: string,
  result: OperationResult | undefined,
  { session }: Actor,
): Mismatch | undefined {
  if (result?.children === undefined) return undefined;
  const owned = [...(tree.ephemerals.get(session) ?? [])].filter((path) => path.startsWith(prefix));
  const shown = new Set(result.children);
  const missing = owned.find((path) => !shown.has(path));
  if (missing !== undefined) return absence(tree, missing);
  const owns = new Set(owned);
  const extra = result.children.find((path) => !owns.has(path));
  return extra === undefined ? undefined : presence(tree, extra);
}

function quoted(value: string): string {
  return JSON.stringify(value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}...` : value);
}

/** Secrets of digests may be hidden from who may only read. */
function sameAcl(shown: readonly AclRecord[], set: readonly AclRecord[] | undefined): boolean {
  const expected = set ?? OPEN;
  return (
    shown.length === expected.length &&
    shown.every(({ perms, scheme }, i) => perms === expected[i]!.perms && scheme === expected[i]!.scheme)
  );
}

const OPEN: readonly AclRecord[] = [{ perms: Perms.ALL, scheme: 'world', id: 'anyone' }];
const TEXT_MAX = 40;
