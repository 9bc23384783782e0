/** What a term has begun and must see the end of, before anybody else has its replica. */
export class WorkUnderWay {
  readonly #failed: (cause: unknown) => void;
  readonly #works = new Set<Promise<unknown>>();

  /** @param failed is told what a work rejects with */
  constructor(failed: (cause: unknown) => void) {
    this.#failed = failed;
  }

  add(work: Promise<unknown>): void {
    const watched = work.catch(this.#failed).finally(() => this.#works.delete(watched));
    this.#works.add(watched);
  }

  /** Resolves when nothing is under way, what was added meanwhile included. */
  async ended(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
