import type { DialSignal } from '@corral/transport';

/** What this package needs of an `AbortSignal`; every platform's own fits. */
export type Signal = DialSignal;

/** What every call takes. */
export interface Op {
  /**
   * Ends the wait: the promise is rejected with `signal.reason` at once. Before it is sent the operation is taken back;
   * once it is on its way the reply is dropped when it comes, and a write may well happen.
   */
  readonly signal?: Signal;
}

/** The signal alone, of options that say more. */
export function signalOf({ signal }: Op): Op {
  return signal === undefined ? {} : { signal };
}

/** Calls `onAbort` when it aborts, until the function returned is called. */
export function onAbort(signal: Signal | undefined, listener: () => void): () => void {
  if (signal === undefined) return doNothing;
  signal.addEventListener('abort', listener);
  return () => signal.removeEventListener('abort', listener);
}

/** The same as `promise`, but rejected with the signal's reason as soon as that aborts. */
export async function unlessAborted<T>(promise: Promise<T>, signal: Signal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  const unlisten = onAbort(signal, abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    unlisten();
  }
}

/** A signal of our own, where no platform is known that has one. */
export class Cancellation implements Signal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<() => void>();

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

function doNothing(): void {}
