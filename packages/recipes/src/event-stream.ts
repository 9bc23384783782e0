import type { Op } from '@corral/client';

/** Values that nobody takes are kept up to so many; then all of them are dropped for one that says so. */
const VALUES_KEPT_MAX = 10_000;

/** Told to everybody who listens, by call or by loop. */
export class EventSource<T> {
  readonly #listeners = new Set<Listener<T>>();
  #end: { readonly reason: unknown } | undefined = undefined;

  /** What a listener throws is thrown again where nobody can mistake it for an answer. */
  tell(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener.tell(value);
      } catch (error) {
        void Promise.reject(error);
      }
    }
  }

  /** Nothing will be told any more. With a reason loops reject, without one they end. */
  end(reason?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    for (const listener of this.#listeners) listener.end(reason);
    this.#listeners.clear();
  }

  /** @returns how to stop */
  listen(listener: (value: T) => void): () => void {
    const each = { tell: listener, end: (): void => {} };
    this.#listeners.add(each);
    return () => this.#listeners.delete(each);
  }

  /** From now on, until the loop is left, the signal aborts or all is over. */
  stream(overflow: T, { signal }: Op = {}): AsyncIterableIterator<T> {
    const queue = new ValueQueue<T>(overflow, () => {
      this.#listeners.delete(queue);
      signal?.removeEventListener('abort', abort);
    });
    const abort = (): void => queue.end(signal?.reason ?? new Error('aborted'));
    if (this.#end !== undefined) queue.end(this.#end.reason);
    else this.#listeners.add(queue);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
    return queue;
  }
}

interface Listener<T> {
  tell(value: T): void;
  end(reason: unknown): void;
}

class ValueQueue<T> implements AsyncIterableIterator<T>, Listener<T> {
  readonly #overflow: T;
  readonly #onEnd: () => void;
  #values: T[] = [];
  #takers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  #end: { readonly reason: unknown } | undefined = undefined;

  constructor(overflow: T, onEnd: () => void) {
    this.#overflow = overflow;
    this.#onEnd = onEnd;
  }

  tell(value: T): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker.resolve({ done: false, value });
    else if (this.#values.length >= VALUES_KEPT_MAX) this.#values = [this.#overflow];
    else this.#values.push(value);
  }

  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#onEnd();
    for (const taker of this.#takers) {
      if (reason === undefined) taker.resolve(DONE);
      else taker.reject(reason);
    }
    this.#takers = [];
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return Promise.resolve({ done: false, value: this.#values.shift()! });
    if (this.#end?.reason !== undefined) return Promise.reject(this.#end.reason);
    if (this.#end !== undefined) return Promise.resolve(DONE);
    const taker = Promise.withResolvers<IteratorResult<T>>();
    this.#takers.push(taker);
    return taker.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.#values = [];
    this.end(undefined);
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const DONE: IteratorResult<never> = { done: true, value: undefined };
