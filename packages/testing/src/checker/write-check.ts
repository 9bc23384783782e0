import { ErrorCode, isSequential, joinPath, parentPath } from '@corral/protocol';
import type { OperationResult, RequestRecord } from '../history.ts';
import { errorText, hex } from './describe.ts';
import { isOutside } from './evidence.ts';
import { absence, type Mismatch, presence } from './mismatch.ts';
import type { ModelNode, ModelTree } from './model-tree.ts';
import type { Actor } from './permission.ts';
import { resultMismatch } from './read-rules.ts';
import { partsOf } from './unknown-write.ts';
import { expectedError, nameOf, type NodeWrite, perform } from './write-rules.ts';

/**
 * An answered write against the state before it; where it went well, the tree has it afterwards, also where the answer
 * showed it wrongly. The caller takes back what a mismatch left.
 *
 * @param seenBefore the largest zxid of an answer that had come before it was sent
 */
export function writeMismatch(
  tree: ModelTree,
  write: RequestRecord,
  actor: Actor,
  seenBefore: () => number,
): Mismatch | undefined {
  const { operation } = write;
  if (operation.op === 'multi') return multiMismatch(tree, write, actor, seenBefore);
  if (operation.op === 'closeSession') {
    tree.endSession(write.session, write.zxid, write);
    return undefined;
  }
  const [part] = partsOf(write);
  return part === undefined
    ? undefined
    : partMismatch(tree, part, write.error, write.result, write, actor, seenBefore);
}

function partMismatch(
  tree: ModelTree,
  part: NodeWrite,
  error: number,
  result: OperationResult | undefined,
  write: RequestRecord,
  actor: Actor,
  seenBefore: () => number,
): Mismatch | undefined {
  if (isOutside(part.path)) return undefined;
  if (part.op === 'create' && error === ErrorCode.OK) adoptCounter(tree, part, result?.path);
  const asker = { actor, sentAt: write.invokedAt, assumed: error !== ErrorCode.NOAUTH };
  const expected = expectedError(tree, part, asker);
  if (error === ErrorCode.NOTEMPTY && expected === ErrorCode.OK && mayCountDead(tree, part.path, seenBefore))
    return undefined;
  if (expected !== error && JUDGED.has(error)) {
    return errorMismatch(tree, part, error, expected);
  }
  if (error !== ErrorCode.OK) return undefined;
  if (part.op === 'create') {
    const mismatch = nameMismatch(tree, part, result?.path);
    if (mismatch !== undefined) return mismatch;
  }
  const before = tree.find(part.path)?.version;
  const node = perform(tree, part, write.zxid, actor, write);
  if (node === undefined || result === undefined) return undefined;
  const mismatch = resultMismatch(tree, node, result);
  return mismatch === undefined ? undefined : ofOwnWrite(mismatch, part, node, before, result);
}

/** Apache still counts the children that go with a session whose end is under way. */
function mayCountDead(tree: ModelTree, path: string, seenBefore: () => number): boolean {
  const ended = tree.lastEnds.get(path) ?? 0;
  return Number.isNaN(ended) || ended > seenBefore();
}

function multiMismatch(
  tree: ModelTree,
  write: RequestRecord,
  actor: Actor,
  seenBefore: () => number,
): Mismatch | undefined {
  const parts = partsOf(write);
  const results = write.result?.results;
  const failed = results?.findIndex(({ error }) => error !== ErrorCode.OK) ?? -1;
  if (write.error !== ErrorCode.OK && results === undefined) return undefined;
  if (failed < 0) {
    for (const [i, part] of parts.entries()) {
      const mismatch = partMismatch(tree, part, ErrorCode.OK, results?.[i], write, actor, seenBefore);
      if (mismatch !== undefined) return inMulti(mismatch, i);
    }
    return undefined;
  }
  return failedMultiMismatch(
    tree,
    parts,
    results!.map(({ error }) => error),
    failed,
    write,
    actor,
    seenBefore,
  );
}

/** Those before the first that fails went well and are taken back; those behind it were not tried. */
function failedMultiMismatch(
  tree: ModelTree,
  parts: readonly NodeWrite[],
  errors: readonly number[],
  failed: number,
  write: RequestRecord,
  actor: Actor,
  seenBefore: () => number,
): Mismatch | undefined {
  if (errors.slice(failed + 1).some((error) => error !== ErrorCode.RUNTIMEINCONSISTENCY)) {
    const text = `fails at its operation ${failed + 1}, and answers those behind it by ${errors
      .slice(failed + 1)
      .map(errorText)
      .join(', ')}`;
    return { rule: 'multi', text, paths: [], others: [] };
  }
  const start = tree.trail.length;
  let mismatch: Mismatch | undefined;
  for (let i = 0; i <= failed && mismatch === undefined; i++) {
    mismatch = partMismatch(tree, parts[i]!, errors[i]!, undefined, write, actor, seenBefore);
    if (mismatch !== undefined) mismatch = inMulti(mismatch, i);
  }
  tree.trail.rollback(start);
  return mismatch;
}

function inMulti(mismatch: Mismatch, part: number): Mismatch {
  return { ...mismatch, text: `(operation ${part + 1} of it) ${mismatch.text}` };
}

/** Of a parent that the history did not see from its beginning. */
function adoptCounter(
  tree: ModelTree,
  part: Extract<NodeWrite, { op: 'create' }>,
  name: string | undefined,
): void {
  const parent = tree.find(parentPath(part.path));
  if (name === undefined || parent === undefined || !isSequential(part.mode) || !Number.isNaN(parent.creates))
    return;
  tree.adopt(parent, 'creates', Number(name.slice(part.path.length)));
}

function nameMismatch(
  tree: ModelTree,
  part: Extract<NodeWrite, { op: 'create' }>,
  name: string | undefined,
): Mismatch | undefined {
  const expected = nameOf(tree, part);
  if (name === undefined || name === expected) return undefined;
  const parent = tree.find(parentPath(part.path));
  const text = `made ${name}, where the next name is ${expected}`;
  return { rule: 'sequence', text, paths: [parentPath(part.path)], others: [parent?.writer] };
}

function errorMismatch(tree: ModelTree, part: NodeWrite, error: number, expected: number): Mismatch {
  const { path } = part;
  const parent = parentPath(path);
  const node = tree.find(path);
  const text = `is answered ${errorText(error)} for ${path}, where it must be ${errorText(expected)}`;
  const base = {
    text,
    paths: [path, parent, ...childrenOf(node)],
    others: [node?.writer ?? tree.removers.get(path)],
  };
  if (error === ErrorCode.NOAUTH || expected === ErrorCode.NOAUTH) return { rule: 'acl', ...base };
  if (error === ErrorCode.NONODE && node !== undefined) return { ...base, rule: absence(tree, path).rule };
  if (expected === ErrorCode.NODEEXISTS && node !== undefined)
    return { ...base, rule: absence(tree, path).rule };
  if (error === ErrorCode.NODEEXISTS) return { ...base, rule: presence(tree, path).rule };
  if (expected === ErrorCode.NONODE && error === ErrorCode.OK)
    return { ...base, rule: presence(tree, path).rule };
  return { rule: 'error-code', ...base };
}

function childrenOf(node: ModelNode | undefined): string[] {
  return node === undefined
    ? []
    : [...node.children].slice(0, PATHS_MAX).map((name) => joinPath(node.path, name));
}

/** A version that is too large in a write's own answer: something was applied that nobody wrote, or this one twice. */
function ofOwnWrite(
  mismatch: Mismatch,
  part: NodeWrite,
  node: ModelNode,
  before: number | undefined,
  { stat }: OperationResult,
): Mismatch {
  if (part.op !== 'setData' || stat === undefined || stat.version === node.version) return mismatch;
  const rule = stat.version > node.version ? 'exactly-once' : 'lost-write';
  const text = `made version ${stat.version} of ${part.path} (mzxid ${hex(stat.mzxid)}) out of version ${before}`;
  return { ...mismatch, rule, text };
}

const JUDGED: ReadonlySet<number> = new Set([
  ErrorCode.OK,
  ErrorCode.NONODE,
  ErrorCode.NOAUTH,
  ErrorCode.BADVERSION,
  ErrorCode.NOCHILDRENFOREPHEMERALS,
  ErrorCode.NODEEXISTS,
  ErrorCode.NOTEMPTY,
]);
const PATHS_MAX = 1000;
