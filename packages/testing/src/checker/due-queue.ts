/** Things by the zxid at which they are due; the smallest first. */
export class DueQueue<T> {
  readonly #zxids: number[] = [];
  readonly #items: T[] = [];

  add(zxid: number, item: T): void {
    let at = this.#zxids.length;
    this.#zxids.push(zxid);
    this.#items.push(item);
    for (let above = (at - 1) >> 1; at > 0 && this.#zxids[above]! > zxid; above = (at - 1) >> 1) {
      this.#swap(at, above);
      at = above;
    }
  }

  /** Takes out the first that is due at `zxid` or before. */
  take(zxid: number): T | undefined {
    if (this.#zxids.length === 0 || this.#zxids[0]! > zxid) return undefined;
    const first = this.#items[0]!;
    const lastZxid = this.#zxids.pop()!;
    const lastItem = this.#items.pop()!;
    if (this.#zxids.length > 0) {
      this.#zxids[0] = lastZxid;
      this.#items[0] = lastItem;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    const zxids = this.#zxids;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      if (left >= zxids.length) return;
      const child = left + 1 < zxids.length && zxids[left + 1]! < zxids[left]! ? left + 1 : left;
      if (zxids[child]! >= zxids[at]!) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    [this.#zxids[a], this.#zxids[b]] = [this.#zxids[b]!, this.#zxids[a]!];
    [this.#items[a], this.#items[b]] = [this.#items[b]!, this.#items[a]!];
  }
}
