import { parentPath } from '@corral/protocol';
import type { RequestRecord } from '../history.ts';
import type { Deed } from './committed.ts';
import { describe } from './describe.ts';
import type { Evidence } from './evidence.ts';
import type { Explanation, Explanations, Moment } from './explanations.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Mismatch } from './mismatch.ts';
import type { ModelTree } from './model-tree.ts';
import type { Actor } from './permission.ts';
import { readMismatch } from './read-rules.ts';
import type { Item } from './timeline.ts';
import { partsOf } from './unknown-write.ts';
import { writeMismatch } from './write-check.ts';

/** One item of the timeline, held against the tree. */
export interface Step {
  readonly item: Item;
  /** Does it, or says what does not fit; the caller takes back what a mismatch left. */
  attempt(): Mismatch | undefined;
  /** What may have happened at this point, where it is the last but `left` of those that explain it together. */
  candidates(mismatch: Mismatch, left: number): Explanation[];
  /** The zxid of an explanation, or NaN. */
  zxidOf(left: number): number;
  /** What remains where what should have been before cannot be found. */
  readonly relaxed: (() => Mismatch | undefined) | undefined;
}

export function stepOf(item: Item, index: HistoryIndex, tree: ModelTree, explanations: Explanations): Step {
  if (item.kind === 'trace') return new Trace(item, item.evidence, tree, explanations);
  if (item.kind === 'deed') return new Told(item, item.deed, tree);
  return new Answered(item, item.record, index, tree, explanations);
}

class Answered implements Step {
  readonly item: Item;
  readonly #record: RequestRecord;
  readonly #actor: Actor;
  readonly #seenBefore: () => number;
  readonly #tree: ModelTree;
  readonly #explanations: Explanations;
  readonly #moment: Moment;
  readonly relaxed: (() => Mismatch | undefined) | undefined;

  constructor(
    item: Item,
    record: RequestRecord,
    index: HistoryIndex,
    tree: ModelTree,
    explanations: Explanations,
  ) {
    this.item = item;
    this.#record = record;
    this.#actor = index.actor(record);
    this.#seenBefore = () => index.seenBefore(record.invokedAt);
    this.#tree = tree;
    this.#explanations = explanations;
    this.#moment = { zxid: record.zxid, at: record.returnedAt, record };
    this.relaxed = item.kind === 'write' ? () => this.#write() : undefined;
  }

  attempt(): Mismatch | undefined {
    if (this.item.kind === 'read') return readMismatch(this.#tree, this.#record, this.#actor);
    return this.#overtaken() ?? this.#write();
  }

  candidates({ paths, gone = [] }: Mismatch): Explanation[] {
    return this.#explanations.before(paths, gone, this.#moment);
  }

  zxidOf(): number {
    return Number.NaN;
  }

  #write(): Mismatch | undefined {
    return writeMismatch(this.#tree, this.#record, this.#actor, this.#seenBefore);
  }

  /** What was created under the parents of this write, and unanswered, and has the number that is its turn now. */
  #overtaken(): Mismatch | undefined {
    if (this.#record.error !== 0) return undefined;
    for (const part of partsOf(this.#record)) {
      const parent = parentPath(part.path);
      if (part.op !== 'create' || !this.#explanations.isDue(parent, this.#moment)) continue;
      const text = `comes before a sequential node of ${parent} that has a smaller number`;
      return { rule: 'sequence', text, paths: [parent], others: [] };
    }
    return undefined;
  }
}

class Trace implements Step {
  readonly item: Item;
  readonly relaxed = undefined;
  readonly #evidence: Evidence;
  readonly #tree: ModelTree;
  readonly #explanations: Explanations;
  readonly #moment: Moment;
  readonly #unexplained: Mismatch;

  constructor(item: Item, evidence: Evidence, tree: ModelTree, explanations: Explanations) {
    this.item = item;
    this.#evidence = evidence;
    this.#tree = tree;
    this.#explanations = explanations;
    this.#moment = { zxid: evidence.zxid, at: evidence.seenAt, record: evidence.seenBy };
    const { created, changed, deleted, childrenChanged } = evidence;
    const paths = [...created, ...changed, ...deleted, ...childrenChanged];
    this.#unexplained = { rule: 'exactly-once', text: 'is explained by nothing', paths, others: [] };
  }

  attempt(): Mismatch | undefined {
    return this.#isDone() ? undefined : this.#unexplained;
  }

  candidates({ paths }: Mismatch, left: number): Explanation[] {
    const exactly = this.#explanations.exactly(this.#evidence);
    if (left === 1) return exactly;
    // What is seen only later may have to come before what is seen here.
    const concerned = new Set(paths);
    for (const explanation of exactly) for (const path of explanation.paths) concerned.add(path);
    return this.#explanations.before([...concerned], [], this.#moment);
  }

  zxidOf(left: number): number {
    return left === 1 ? this.#evidence.zxid : Number.NaN;
  }

  #isDone(): boolean {
    const { zxid, created, changed, deleted, childrenChanged } = this.#evidence;
    const tree = this.#tree;
    // A multi can undo in one operation what it did in another.
    const isGone = (path: string): boolean => {
      if (tree.find(path) !== undefined) return false;
      const parent = tree.find(parentPath(path));
      return parent === undefined ? isGone(parentPath(path)) : parent.pzxid === zxid;
    };
    for (const path of created) if (tree.find(path)?.czxid !== zxid && !isGone(path)) return false;
    for (const path of changed) if (tree.find(path)?.mzxid !== zxid && !isGone(path)) return false;
    for (const path of deleted) if (tree.find(path)?.czxid !== zxid && !isGone(path)) return false;
    for (const path of childrenChanged) if (tree.find(path)?.pzxid !== zxid && !isGone(path)) return false;
    return true;
  }
}

/** What the servers say was done. */
class Told implements Step {
  readonly item: Item;
  readonly relaxed = undefined;
  readonly #deed: Deed;
  readonly #tree: ModelTree;

  constructor(item: Item, deed: Deed, tree: ModelTree) {
    this.item = item;
    this.#deed = deed;
    this.#tree = tree;
  }

  attempt(): Mismatch | undefined {
    const deed = this.#deed;
    const tree = this.#tree;
    if (deed.kind === 'sessionEnd') {
      tree.endSession(deed.session, deed.zxid, undefined);
      return undefined;
    }
    if (deed.kind === 'removal') {
      const node = tree.find(deed.path);
      if (node === undefined || node.children.size > 0) return broken('is removed', deed.path);
      tree.remove(node, deed.zxid, undefined);
      return undefined;
    }
    const { write, zxid } = deed;
    if (write.attempt(tree, zxid, false)) return undefined;
    return {
      ...broken(`${describe(write.record)} is done`, [...write.paths].join()),
      others: [write.record],
    };
  }

  candidates(): Explanation[] {
    return [];
  }

  zxidOf(): number {
    return Number.NaN;
  }
}

function broken(text: string, path: string): Mismatch {
  return { rule: 'error-code', text: `${text} at ${path}, where it must fail`, paths: [path], others: [] };
}
