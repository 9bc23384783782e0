/** Keeps what was set last, and forgets the oldest beyond so many. */
export class RecentMap<K, V> {
  readonly #kept: Map<K, V> = new Map();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    return this.#kept.get(key);
  }

  set(key: K, value: V): void {
    this.#kept.delete(key);
    this.#kept.set(key, value);
    if (this.#kept.size > this.#max) this.#kept.delete(this.#kept.keys().next().value!);
  }
}
