import type { HistoryRecord, RequestRecord } from '../history.ts';
import { describe, hex } from './describe.ts';
import type { Evidence } from './evidence.ts';
import { Explanations, withParents } from './explanations.ts';
import { FreeZxids } from './free-zxids.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Mismatch } from './mismatch.ts';
import { ModelTree } from './model-tree.ts';
import { Budget, Choice } from './search.ts';
import { type Step, stepOf } from './steps.ts';
import { type Item, timelineOf } from './timeline.ts';
import { Trail } from './trail.ts';
import { partsOf, type UnknownWrite } from './unknown-write.ts';
import type { Rule, Violations } from './violation.ts';

/**
 * Plays all writes in the order of their zxids and holds every answer against the tree at its zxid. Where something
 * does not fit, unanswered writes, ended sessions and nodes that servers remove are taken to explain it, each once; and
 * where that leads to something that nothing explains, it goes back to where it could have taken another. So what it
 * rejects has no explanation, as far as it was able to try all (the bounds stand at the end of this file).
 */
export class Replay {
  readonly tree: ModelTree;
  readonly explanations: Explanations;
  /** Where unanswered writes are known to have been. */
  readonly placed: Placed[] = [];
  /** Paths where what was found depends on a guess. */
  readonly guessed: string[] = [];
  /** Of what no explanation was found before the bounds of the search, in sentences. */
  readonly undecided: string[] = [];
  readonly #index: HistoryIndex;
  readonly #items: readonly Item[];
  readonly #trail = new Trail();
  readonly #free: FreeZxids;
  /** How long the trail was before each item. */
  readonly #marks: number[] = [];
  /** Those that can be taken back, in order. */
  #choices: Choice[] = [];
  readonly #found: Found[] = [];
  /** Where a violation was found; what follows from it is not reported. */
  readonly #tainted: Set<string> = new Set();
  /** Items that nothing explains; of the untried, nothing that was tried before the bounds of the search. */
  readonly #given: Set<number> = new Set();
  readonly #untried: Set<number> = new Set();
  /** How far it had come when it had to go back; what may be tried before it is beyond. */
  #furthest = -1;
  #budget = new Budget(0);

  constructor(index: HistoryIndex, slackMs: number, aclSlackMs: number | undefined) {
    this.#index = index;
    this.#items = timelineOf(index);
    this.tree = new ModelTree(this.#trail, index.knownZxids, aclSlackMs);
    const seen = this.#items.filter(({ kind }) => kind !== 'read').map(({ zxid }) => zxid);
    this.#free = new FreeZxids(seen, this.#trail);
    this.explanations = new Explanations(index, this.tree, this.#free, slackMs);
  }

  run(violations: Violations): void {
    for (let at = 0; at < this.#items.length;) {
      if (at <= this.#furthest) this.#budget.spend();
      else if (at % FORGET_EVERY === 0) this.#forget(at);
      this.#marks[at] = this.#trail.length;
      const item = this.#items[at]!;
      const step = this.#stepOf(item);
      const mismatch = step.attempt();
      if (mismatch !== undefined) {
        this.#trail.rollback(this.#marks[at]!);
        at = this.#resolve(at, step, mismatch);
      } else {
        this.#confirm(item);
        at++;
      }
    }
    for (const { rule, text, records } of this.#found) violations.add(rule, text, ...records);
  }

  /** Has it explained, here or by going back; where to go on. */
  #resolve(at: number, step: Step, mismatch: Mismatch): number {
    if (this.#given.has(at)) return this.#giveUp(at, step, mismatch);
    if (at > this.#furthest) {
      this.#furthest = at;
      this.#budget = new Budget(this.#found.length === 0 ? TRIES_MAX : TRIES_MAX_LATER);
    }
    let choice = new Choice(at, step, mismatch, this.#trail, this.#free);
    let conflict = this.explanations.causes(mismatch.paths);
    for (;;) {
      if (this.#take(choice)) {
        this.#choices.push(choice);
        return choice.at + 1;
      }
      conflict = this.explanations.causes([...conflict, ...choice.paths, ...choice.conflict]);
      const earlier = this.#choices.findLastIndex((other) => other.concerns(conflict));
      if (earlier < 0 || this.#budget.isSpent) break;
      choice = this.#choices[earlier]!;
      this.#choices.length = earlier;
      this.#trail.rollback(this.#marks[choice.at]!);
      for (const path of conflict) choice.conflict.add(path);
      conflict = new Set();
    }
    const blamed = this.#given.has(this.#furthest) ? at : this.#furthest;
    this.#given.add(blamed);
    if (this.#budget.isSpent) this.#untried.add(blamed);
    this.#budget = new Budget(TRIES_MAX_LATER);
    return choice.at;
  }

  #take(choice: Choice): boolean {
    if (!choice.next(this.#budget)) return false;
    const item = this.#items[choice.at]!;
    if (item.kind === 'trace') this.#place(item.evidence);
    else this.#confirm(item);
    return true;
  }

  #stepOf(item: Item): Step {
    return stepOf(item, this.#index, this.tree, this.explanations);
  }

  /** It is as the model has it. */
  #confirm(item: Item): void {
    if (item.kind === 'trace') return;
    if (item.kind === 'deed') {
      if (item.deed.kind === 'write') this.#notePlace(item.deed);
      return;
    }
    const { operation, result, zxid } = item.record;
    if (result?.stat !== undefined && 'path' in operation)
      this.explanations.confirm(result.path ?? operation.path, zxid);
  }

  /** What was seen of a transaction is certain; what else it did, only where no other can have been it. */
  #place(evidence: Evidence): void {
    const { zxid, created, changed, deleted, childrenChanged, writer } = evidence;
    const matching = this.explanations.matching(evidence);
    const isRemoval = created.size + changed.size === 0;
    const removals = isRemoval ? (deleted.size > 0 ? 1 : 2) : 0;
    const certain = writer ?? (matching.length === 1 && !isRemoval ? matching[0] : undefined);
    if (certain !== undefined) {
      this.#notePlace({ zxid, write: certain });
    } else if (matching.length + removals > 1) {
      const { changes } = this.tree;
      for (let i = changes.length - 1; i >= 0 && changes[i]!.zxid === zxid; i--) {
        const { path } = changes[i]!;
        if (![created, changed, deleted, childrenChanged].some((seen) => seen.has(path))) this.#guess(path);
      }
    }
  }

  #notePlace(placed: Placed): void {
    this.placed.push(placed);
    this.#trail.push(() => this.placed.pop());
  }

  #giveUp(at: number, step: Step, mismatch: Mismatch): number {
    const { item } = step;
    const isUndecided = this.#untried.has(at);
    if (item.kind === 'trace') {
      if (isUndecided) for (const path of mismatch.paths) this.#guess(path);
      return at + 1;
    }
    if (item.kind === 'deed') {
      this.#report(mismatch.rule, mismatch.text, mismatch.others);
      for (const path of mismatch.paths) this.#guess(path);
      return at + 1;
    }
    const left = this.#insist(step, mismatch);
    if (left === undefined) this.#confirm(item);
    else if (isUndecided || !this.#isEarly(step, left, item.record)) {
      (step.relaxed ?? (() => step.attempt()))();
      this.#taint(item.record, left, isUndecided);
    }
    return at + 1;
  }

  /** What does not fit even where less is demanded. */
  #insist(step: Step, mismatch: Mismatch): Mismatch | undefined {
    if (step.relaxed === undefined) return mismatch;
    const start = this.#trail.length;
    const left = step.relaxed();
    if (left !== undefined) this.#trail.rollback(start);
    return left;
  }

  /** A session that ended before its time would explain it. */
  #isEarly(step: Step, mismatch: Mismatch, record: RequestRecord): boolean {
    const moment = { zxid: record.zxid, at: record.returnedAt, record };
    const start = this.#trail.length;
    for (const early of this.explanations.early(mismatch.paths, moment)) {
      if (early.attempt(Number.NaN) && step.attempt() === undefined) {
        this.#report('expiry', early.broken!, [record]);
        return true;
      }
      this.#trail.rollback(start);
    }
    return false;
  }

  #taint(record: RequestRecord, mismatch: Mismatch, isUndecided: boolean): void {
    const isKnown = mismatch.paths.length > 0 && mismatch.paths.some((path) => this.#tainted.has(path));
    const written = partsOf(record).map(({ path }) => path);
    for (const path of withParents([...mismatch.paths, ...written])) {
      this.#guess(path);
      if (this.#tainted.has(path)) continue;
      this.#tainted.add(path);
      this.#trail.push(() => this.#tainted.delete(path));
    }
    if (isKnown) return;
    const text = `${describe(record)} ${mismatch.text} (state at zxid ${hex(record.zxid)})`;
    // What follows from what is not decided is not decided.
    if (isUndecided || this.undecided.length > 0) this.#leaveOpen(text);
    else this.#report(ownRule(record, mismatch), text, [record, ...mismatch.others]);
  }

  #report(rule: Rule, text: string, records: Found['records']): void {
    this.#found.push({ rule, text, records });
    this.#trail.push(() => this.#found.pop());
  }

  #leaveOpen(text: string): void {
    this.undecided.push(text);
    this.#trail.push(() => this.undecided.pop());
  }

  #guess(path: string): void {
    this.guessed.push(path);
    this.#trail.push(() => this.guessed.pop());
  }

  /** What lies too far back stays as it is. */
  #forget(at: number): void {
    this.#choices = this.#choices.filter((choice) => choice.at >= at - WINDOW);
    this.#trail.forget(this.#marks[this.#choices[0]?.at ?? at] ?? this.#trail.length);
  }
}

/** An unanswered write whose zxid was seen. */
export interface Placed {
  readonly zxid: number;
  readonly write: UnknownWrite;
}

interface Found {
  readonly rule: Rule;
  readonly text: string;
  readonly records: readonly (HistoryRecord | undefined)[];
}

/** What a session does not see of its own. */
function ownRule(record: RequestRecord, { rule, others }: Mismatch): Rule {
  const [other]: readonly (HistoryRecord | undefined)[] = others;
  const isOwn =
    other?.kind === 'request' && other.session === record.session && other.arrival < record.arrival;
  return rule === 'lost-write' && isOwn ? 'read-your-writes' : rule;
}

/** So many explanations are tried, and items played again, before it goes on without a verdict. */
const TRIES_MAX = 20_000;
/** In a history that is rejected already, or of which something is given up. */
const TRIES_MAX_LATER = 3_000;
/** How many items it goes back at most. */
const WINDOW = 50_000;
const FORGET_EVERY = 1024;
