import type { Operation } from './operation.ts';

type AnyOperation = Operation<unknown>;

/** First in, first out, in a ring that doubles when full: no node per entry, and a slot is cleared when it is left. */
export class OperationRing {
  #slots: (AnyOperation | undefined)[] = Array.from({ length: 64 }, () => undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  peek(): AnyOperation | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  push(operation: AnyOperation): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) & (this.#slots.length - 1)] = operation;
    this.#length++;
  }

  shift(): AnyOperation | undefined {
    if (this.#length === 0) return undefined;
    const operation = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    return operation;
  }

  /** Empties it; what it held, in order. */
  takeAll(): AnyOperation[] {
    const all: AnyOperation[] = [];
    for (let next = this.shift(); next !== undefined; next = this.shift()) all.push(next);
    return all;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = Array.from({ length: old.length * 2 }, (_, i) =>
      i < old.length ? old[(this.#head + i) & (old.length - 1)] : undefined,
    );
    this.#head = 0;
  }
}
