import type { Signal } from '@corral/client';

/** The platform's own `AbortSignal` where its types are known, so that it can be handed to `fetch` and the like. */
// oxlint-disable-next-line no-restricted-globals -- only its type is asked, and only what every platform has
export type PlatformSignal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S & Signal
  : Signal;

export interface Abort {
  readonly signal: PlatformSignal;
  abort(reason?: unknown): void;
}

/** Every platform has one; a package without any platform's types has no name for it. */
declare const AbortController: new () => Abort;

export function newAbort(): Abort {
  return new AbortController();
}

/** Settles as the promise does, or rejects with the signal's reason as soon as it aborts. */
export async function until<T>(signal: Signal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(doNothing);
    throw signal.reason;
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const listener = (): void => reject(signal.reason);
  signal.addEventListener('abort', listener);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', listener);
    aborted.catch(doNothing);
    promise.catch(doNothing);
  }
}

function doNothing(): void {}
