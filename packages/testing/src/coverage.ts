/** What a run has been through: a storm that never forces a TRUNC proves little about it. */
export class Coverage {
  readonly #counts: Map<string, number> = new Map();

  add(what: string, by = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + by);
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** By name. */
  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
