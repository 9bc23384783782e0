import { joinPath } from '@corral/protocol';
import type { HistoryRecord, StatRecord } from '../history.ts';
import { describe, hex } from './describe.ts';
import type { Countable, ModelNode, ModelTree } from './model-tree.ts';
import type { Rule } from './violation.ts';

/** What a record says, against what must be. */
export interface Mismatch {
  readonly rule: Rule;
  readonly text: string;
  /** What may explain it lies at these paths. */
  readonly paths: readonly string[];
  readonly others: readonly (HistoryRecord | undefined)[];
  /** Nodes that are shown to be gone. */
  readonly gone?: readonly string[];
}

/** A Stat against the node. What the model did not know it knows afterwards. */
export function statMismatch(tree: ModelTree, node: ModelNode, stat: StatRecord): Mismatch | undefined {
  const { path } = node;
  for (const [field, observed, expected] of [
    ['czxid', stat.czxid, node.czxid],
    ['mzxid', stat.mzxid, node.mzxid],
    ['pzxid', stat.pzxid, node.pzxid],
    ['version', stat.version, node.version],
    ['cversion', stat.cversion, node.cversion],
    ['aversion', stat.aversion, node.aversion],
    ['numChildren', stat.numChildren, node.children.size],
    ['ctime', stat.ctime, node.ctime],
    ['mtime', stat.mtime, node.mtime],
    ['dataLength', stat.dataLength, node.value?.length ?? Number.NaN],
  ] as const) {
    if (observed === expected) continue;
    // What an unanswered write has made or set has a zxid that no answered one has.
    const isTaken = (field === 'czxid' || field === 'mzxid') && tree.knownZxids.has(observed);
    if (!Number.isNaN(expected) || isTaken) return fieldMismatch(node, field, observed, expected);
    if (field === 'cversion') tree.adopt(node, 'creates', (observed + node.children.size) / 2);
    else if (field !== 'dataLength' && field !== 'numChildren')
      tree.adopt(node, field satisfies Countable, observed);
  }
  if (!node.isReaped && BigInt.asIntN(64, stat.ephemeralOwner) !== BigInt.asIntN(64, node.owner)) {
    return {
      rule: 'stat',
      text: `shows ephemeralOwner ${stat.ephemeralOwner} of ${path}, not ${node.owner}`,
      paths: [path],
      others: [node.writer],
    };
  }
  if (stat.mzxid === stat.czxid && stat.version === 0 && stat.mtime !== stat.ctime) {
    return {
      rule: 'stat',
      text: `shows ${path} unchanged since its creation, and another mtime than ctime`,
      paths: [path],
      others: [node.writer],
    };
  }
  return undefined;
}

/** A list of children against the node's. */
export function childrenMismatch(
  tree: ModelTree,
  node: ModelNode,
  children: readonly string[],
): Mismatch | undefined {
  const shown = new Set(children);
  const { path } = node;
  if (shown.size !== children.length) {
    return { rule: 'read-state', text: `names a child of ${path} twice`, paths: [path], others: [] };
  }
  const extra = children.filter((name) => !node.children.has(name));
  const missing =
    shown.size - extra.length === node.children.size
      ? []
      : [...node.children].filter((name) => !shown.has(name));
  if (extra.length === 0 && missing.length === 0) return undefined;
  const paths = [...extra, ...missing].slice(0, PATHS_MAX).map((name) => joinPath(path, name));
  const first =
    missing.length > 0
      ? absence(tree, joinPath(path, missing[0]!))
      : presence(tree, joinPath(path, extra[0]!));
  return { ...first, paths: [...paths, path], gone: missing.map((name) => joinPath(path, name)) };
}

/** Something says that there is no such node, and there is one. */
export function absence(tree: ModelTree, path: string): Mismatch {
  const node = tree.find(path)!;
  const { writer } = node;
  if (node.owner !== 0n) {
    return {
      rule: 'ephemeral',
      text: `does not show ephemeral node ${path}, whose session lives`,
      paths: [path],
      others: [writer],
      gone: [path],
    };
  }
  return {
    rule: 'lost-write',
    text: `does not show ${path}, which ${writer === undefined ? 'is there' : describe(writer)} has made`,
    paths: [path],
    others: [writer],
  };
}

/** Something says that there is a node, and there is none. */
export function presence(tree: ModelTree, path: string, czxid?: number): Mismatch {
  const remover = tree.removers.get(path);
  if (remover !== undefined) {
    const isClosed = remover.kind !== 'request' || remover.operation.op === 'closeSession';
    const still = czxid === undefined ? 'still' : `(czxid ${hex(czxid)}) still`;
    return isClosed
      ? {
          rule: 'ephemeral',
          text: `${still} shows ${path} after its session ended with ${describe(remover)}`,
          paths: [path],
          others: [remover],
        }
      : {
          rule: 'lost-write',
          text: `${still} shows ${path}, which ${describe(remover)} has removed`,
          paths: [path],
          others: [remover],
        };
  }
  const at = czxid === undefined ? '' : ` (czxid ${hex(czxid)})`;
  return {
    rule: 'exactly-once',
    text: `shows ${path}${at}, which no write in this history can have made by then`,
    paths: [path],
    others: [],
  };
}

function fieldMismatch(node: ModelNode, field: string, observed: number, expected: number): Mismatch {
  const { path, writer } = node;
  const isZxid = field.endsWith('zxid');
  const wanted = isZxid ? hex(expected) : expected;
  const must = Number.isNaN(expected) ? 'that is of another write' : `where it must be ${wanted}`;
  const text = `shows ${field} ${isZxid ? hex(observed) : observed} of ${path}, ${must}`;
  if (field === 'mzxid' && observed < expected) {
    return {
      rule: 'lost-write',
      text: `${text}: it does not show ${by(writer)}`,
      paths: [path],
      others: [writer],
    };
  }
  if (field === 'czxid' || field === 'mzxid') {
    return {
      rule: 'exactly-once',
      text: `${text}: no write of this history explains it`,
      paths: [path],
      others: [writer],
    };
  }
  return { rule: 'stat', text, paths: [path], others: [writer] };
}

function by(writer: HistoryRecord | undefined): string {
  return writer === undefined ? 'what is written' : describe(writer);
}

const PATHS_MAX = 20;
