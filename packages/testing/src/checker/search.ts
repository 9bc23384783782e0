import type { Explanation } from './explanations.ts';
import type { FreeZxids } from './free-zxids.ts';
import type { Mismatch } from './mismatch.ts';
import type { Step } from './steps.ts';
import type { Trail } from './trail.ts';

/** What is taken to have happened at a step. */
interface Alternative {
  readonly chain: readonly Explanation[];
  readonly isRelaxed: boolean;
}

/** How much may be tried. */
export class Budget {
  left: number;
  /** Something was left untried. */
  isSpent = false;

  constructor(left: number) {
    this.left = left;
  }

  spend(): boolean {
    if (this.left-- > 0) return true;
    this.isSpent = true;
    return false;
  }
}

/** A step that something must explain, and all that can: the shortest explanations first. */
export class Choice {
  /** Of the step on the timeline. */
  readonly at: number;
  /** What it may have changed, as far as it was tried. */
  readonly paths: Set<string>;
  /** What went wrong further on. */
  readonly conflict: Set<string> = new Set();
  readonly #step: Step;
  readonly #trail: Trail;
  readonly #free: FreeZxids;
  #alternatives: Alternative[] = [];
  #length = 0;
  #isRelaxed = false;

  constructor(at: number, step: Step, mismatch: Mismatch, trail: Trail, free: FreeZxids) {
    this.at = at;
    this.#step = step;
    this.#trail = trail;
    this.#free = free;
    this.paths = new Set(mismatch.paths);
  }

  /** Does the next that is possible here, where nothing has been done yet; false where there is none any more. */
  next(budget: Budget): boolean {
    for (;;) {
      const alternative = this.#alternatives.shift();
      if (alternative !== undefined) {
        this.#take(alternative);
        return true;
      }
      if (this.#length >= CHAIN_MAX) {
        if (this.#isRelaxed || this.#step.relaxed === undefined) return false;
        this.#isRelaxed = true;
        this.#length = -1;
      }
      this.#collect(++this.#length, budget);
    }
  }

  concerns(paths: ReadonlySet<string>): boolean {
    for (const path of this.paths) if (paths.has(path)) return true;
    return false;
  }

  #take({ chain, isRelaxed }: Alternative): void {
    for (const [i, explanation] of chain.entries()) {
      for (const path of explanation.paths) this.paths.add(path);
      const zxid = this.#step.zxidOf(chain.length - i);
      if (Number.isNaN(zxid)) this.paths.add(SOME_ZXID);
      explanation.attempt(zxid);
    }
    this.#check(isRelaxed);
  }

  #check(isRelaxed: boolean): Mismatch | undefined {
    return isRelaxed ? this.#step.relaxed!() : this.#step.attempt();
  }

  /** All that explain it by so many things. */
  #collect(length: number, budget: Budget): void {
    const chain: Explanation[] = [];
    const { refusals } = this.#free;
    const isRelaxed = this.#isRelaxed;
    const extend = (left: number): void => {
      const start = this.#trail.length;
      const mismatch = this.#check(isRelaxed);
      this.#trail.rollback(start);
      for (const path of mismatch?.paths ?? []) this.paths.add(path);
      if (mismatch === undefined || left === 0) {
        if (mismatch === undefined && left === 0) this.#alternatives.push({ chain: [...chain], isRelaxed });
        return;
      }
      for (const candidate of this.#step.candidates(mismatch, left)) {
        if (!budget.spend()) return;
        if (candidate.attempt(this.#step.zxidOf(left))) {
          chain.push(candidate);
          extend(left - 1);
          chain.pop();
        }
        this.#trail.rollback(start);
      }
    };
    extend(length);
    if (this.#free.refusals > refusals) this.conflict.add(SOME_ZXID);
  }
}

/** Stands among paths for the zxids that are left: who takes one leaves fewer to others. */
const SOME_ZXID = '/zxid';
const CHAIN_MAX = 6;
