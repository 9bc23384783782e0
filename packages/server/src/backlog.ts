/** Requests taken in and not yet answered, over all connections (`globalOutstandingLimit`). */
export class Backlog {
  size = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** More are in than should be: connections that have a part in it wait. */
  get isFull(): boolean {
    return this.size > this.#max;
  }
}
