/** What was done, so that it can be undone: everything that the replay changes goes through here. */
export class Trail {
  readonly #undo: (() => void)[] = [];
  #forgotten = 0;

  get length(): number {
    return this.#forgotten + this.#undo.length;
  }

  push(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Undoes everything since the trail had this length. */
  rollback(to: number): void {
    while (this.length > to) this.#undo.pop()!();
  }

  /** What was done before the trail had this length stays for good. */
  forget(before: number): void {
    const count = before - this.#forgotten;
    if (count <= 0) return;
    this.#undo.splice(0, count);
    this.#forgotten = before;
  }
}
