/** How many learners may synchronise at the same time (LearnerSyncThrottler.java). */
export class SyncThrottle {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** False where there are too many already. Voters are exempt: the quorum must not wait; but they are counted. */
  begin(isExempt: boolean): boolean {
    if (!isExempt && this.#count >= this.#max) return false;
    this.#count += 1;
    return true;
  }

  end(): void {
    this.#count -= 1;
  }
}
