import { parentPath } from '@corral/protocol';
import type { HistoryRecord, RequestRecord } from '../history.ts';
import type { ChangeLog } from './change-log.ts';
import { describe, hex } from './describe.ts';
import { collectEvidence, type Evidence } from './evidence.ts';
import { type Explanation, Explanations, type Moment } from './explanations.ts';
import type { HistoryIndex } from './history-index.ts';
import type { Mismatch } from './mismatch.ts';
import { ModelTree } from './model-tree.ts';
import { readMismatch } from './read-rules.ts';
import { partsOf, type UnknownWrite } from './unknown-write.ts';
import type { Violations } from './violation.ts';
import { writeMismatch } from './write-check.ts';

/**
 * Plays all writes in the order of their zxids and holds every answer against the tree at its zxid. Where something
 * does not fit, it looks for unanswered writes and ended sessions that explain it, each of which is used once.
 */
export class Replay {
  readonly #index: HistoryIndex;
  readonly #violations: Violations;
  readonly #changes: ChangeLog;
  readonly #tree: ModelTree;
  readonly #explanations: Explanations;
  /** Where a violation was found; what follows from it is not reported. */
  readonly #tainted: Set<string> = new Set();

  constructor(index: HistoryIndex, violations: Violations, changes: ChangeLog, slackMs: number) {
    this.#index = index;
    this.#violations = violations;
    this.#changes = changes;
    this.#tree = new ModelTree((type, path, zxid, acl) => changes.add(type, path, zxid, acl));
    this.#explanations = new Explanations(index, violations, slackMs);
  }

  /** The unanswered writes that are known to have happened, and where. */
  run(): readonly Placed[] {
    const placed: Placed[] = [];
    const orphans: Evidence[] = [];
    for (const evidence of collectEvidence(this.#index)) {
      const write = this.#explanations.writeBehind(evidence);
      if (write === undefined) orphans.push(evidence);
      else {
        this.#explanations.use(write);
        placed.push({ zxid: evidence.zxid, write });
      }
    }
    this.#play(placed, orphans);
    return placed;
  }

  #play(placed: readonly Placed[], orphans: readonly Evidence[]): void {
    const { writes, reads } = this.#index;
    let read = 0;
    let nextPlaced = 0;
    let orphan = 0;
    for (let write = 0; write <= writes.length; write++) {
      const limit = write < writes.length ? writes[write]!.zxid : Number.POSITIVE_INFINITY;
      for (;;) {
        const readAt = reads[read]?.zxid ?? Number.POSITIVE_INFINITY;
        const placedAt = placed[nextPlaced]?.zxid ?? Number.POSITIVE_INFINITY;
        const orphanAt = orphans[orphan]?.zxid ?? Number.POSITIVE_INFINITY;
        const next = Math.min(readAt, placedAt, orphanAt);
        if (next >= limit) break;
        if (placedAt === next) this.#playPlaced(placed[nextPlaced++]!);
        else if (orphanAt === next) this.#playOrphan(orphans[orphan++]!);
        else this.#playRead(reads[read++]!);
      }
      if (write < writes.length) this.#playWrite(writes[write]!);
    }
  }

  #playWrite(write: RequestRecord): void {
    const actor = this.#index.actor(write);
    if (write.error === 0) this.#playDue(write);
    this.#hold(write, () => writeMismatch(this.#tree, write, actor));
    if (write.result?.stat !== undefined && 'path' in write.operation) {
      this.#explanations.confirm(write.result.path ?? write.operation.path, write.zxid);
    }
  }

  /** What was created under the parents of this write, and unanswered, and has the numbers before it. */
  #playDue(write: RequestRecord): void {
    for (const part of partsOf(write)) {
      if (part.op !== 'create') continue;
      const moment: Moment = { zxid: write.zxid, at: write.returnedAt, record: write };
      const parent = parentPath(part.path);
      for (let due = this.#explanations.dueCreate(this.#tree, parent, moment); due !== undefined;) {
        this.#explanations.use(due);
        this.#playPlaced({ zxid: Number.NaN, write: due });
        due = this.#explanations.dueCreate(this.#tree, parent, moment);
      }
    }
  }

  #playRead(read: RequestRecord): void {
    const actor = this.#index.actor(read);
    const mismatch = readMismatch(this.#tree, read, actor);
    if (mismatch !== undefined) this.#hold(read, () => readMismatch(this.#tree, read, actor));
    if (read.result?.stat !== undefined && 'path' in read.operation) {
      this.#explanations.confirm(read.operation.path, read.zxid);
    }
  }

  #playPlaced({ zxid, write }: Placed): void {
    const start = this.#tree.savepoint();
    if (!write.attempt(this.#tree, zxid)) this.#tree.rollback(start);
    this.#tree.commit();
  }

  /** Of a zxid that was seen and is nobody's: a session that ended then, or a node that the server removed. */
  #playOrphan(evidence: Evidence): void {
    const paths = [...evidence.deleted, ...(evidence.deleted.size > 0 ? [] : evidence.childrenChanged)];
    const moment: Moment = { zxid: evidence.zxid, at: evidence.seenAt, record: evidence.seenBy };
    const possible = this.#explanations.at(this.#tree, paths, moment, true);
    // More than one: what is seen next decides.
    if (possible.length !== 1) return;
    const start = this.#tree.savepoint();
    if (possible[0]!.attempt(this.#tree, evidence.zxid)) possible[0]!.take();
    else this.#tree.rollback(start);
    this.#tree.commit();
  }

  /** Finds what makes the mismatch disappear, or reports it. */
  #hold(record: RequestRecord, check: () => Mismatch | undefined): void {
    const tree = this.#tree;
    const start = tree.savepoint();
    const mismatch = check();
    if (mismatch === undefined) return tree.commit();
    tree.rollback(start);
    if (this.#explain(record, mismatch, check)) return;
    tree.savepoint();
    check();
    tree.commit();
    this.#report(record, mismatch);
  }

  #explain(record: RequestRecord, mismatch: Mismatch, check: () => Mismatch | undefined): boolean {
    const moment: Moment = { zxid: record.zxid, at: record.returnedAt, record };
    const possible = this.#explanations
      .at(this.#tree, mismatch.paths, moment, false)
      .slice(0, CANDIDATES_MAX);
    const ends = this.#explanations.ends(this.#tree, mismatch.gone ?? [], moment);
    if (ends.length > 0 && this.#tryAll(ends, check)) return true;
    let tries = TRIES_MAX;
    const extend = (chosen: readonly Explanation[], length: number): boolean => {
      if (chosen.length === length) return tries-- > 0 && this.#tryAll([...ends, ...chosen], check);
      return possible.some((next) => !chosen.includes(next) && extend([...chosen, next], length));
    };
    for (let length = 1; length <= Math.min(CHAIN_MAX, possible.length); length++) {
      if (extend([], length)) return true;
    }
    return false;
  }

  #tryAll(chosen: readonly Explanation[], check: () => Mismatch | undefined): boolean {
    const tree = this.#tree;
    const start = tree.savepoint();
    if (chosen.every((explanation) => explanation.attempt(tree, Number.NaN)) && check() === undefined) {
      tree.commit();
      for (const explanation of chosen) explanation.take();
      return true;
    }
    tree.rollback(start);
    return false;
  }

  #report(record: RequestRecord, mismatch: Mismatch): void {
    const isKnown = mismatch.paths.length > 0 && mismatch.paths.some((path) => this.#tainted.has(path));
    for (const path of mismatch.paths) {
      this.#tainted.add(path);
      this.#tainted.add(parentPath(path));
      this.#changes.distrust(path);
      this.#changes.distrust(parentPath(path));
    }
    if (isKnown) return;
    const rule = ownRule(record, mismatch);
    const text = `${describe(record)} ${mismatch.text} (state at zxid ${hex(record.zxid)})`;
    this.#violations.add(rule, text, record, ...mismatch.others);
  }
}

/** An unanswered write whose zxid was seen. */
export interface Placed {
  readonly zxid: number;
  readonly write: UnknownWrite;
}

/** What a session does not see of its own. */
function ownRule(record: RequestRecord, { rule, others }: Mismatch): Mismatch['rule'] {
  const [other]: readonly (HistoryRecord | undefined)[] = others;
  const isOwn =
    other?.kind === 'request' && other.session === record.session && other.arrival < record.arrival;
  return rule === 'lost-write' && isOwn ? 'read-your-writes' : rule;
}

const CANDIDATES_MAX = 12;
const CHAIN_MAX = 4;
const TRIES_MAX = 2000;
