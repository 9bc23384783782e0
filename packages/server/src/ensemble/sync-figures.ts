import type { Counter, Metrics, Summary } from '@corral/runtime';

/** How learners are brought up to date, and how many at once, under Apache's names (LearnerHandler). */
export class SyncFigures {
  readonly #diff: SyncFigure;
  readonly #snap: SyncFigure;

  constructor(metrics: Metrics) {
    this.#diff = new SyncFigure(metrics.counter('diff_count'), metrics.summary('inflight_diff_count'));
    this.#snap = new SyncFigure(metrics.counter('snap_count'), metrics.summary('inflight_snap_count'));
  }

  /** By what it lacks, or a TRUNC, which is no more than that; or by a whole tree. */
  begins(kind: SyncKind): SyncKind {
    this.#of(kind).begins();
    return kind;
  }

  /** Up to date, or gone. */
  ends(kind: SyncKind | undefined): void {
    if (kind !== undefined) this.#of(kind).ends();
  }

  #of(kind: SyncKind): SyncFigure {
    return kind === 'diff' ? this.#diff : this.#snap;
  }
}

export type SyncKind = 'diff' | 'snap';

class SyncFigure {
  readonly #count: Counter;
  readonly #inFlight: Summary;
  #now = 0;

  constructor(count: Counter, inFlight: Summary) {
    this.#count = count;
    this.#inFlight = inFlight;
  }

  begins(): void {
    this.#count.add(1);
    this.#inFlight.observe(++this.#now);
  }

  ends(): void {
    this.#inFlight.observe(--this.#now);
  }
}
