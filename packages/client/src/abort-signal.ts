/**
 * What this package needs of an `AbortSignal`. Declared here, because a package without any platform's types has no
 * such name; every platform's own fits.
 */
export interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What every call takes. */
export interface Op {
  /**
   * Ends the wait: the promise is rejected with `signal.reason` at once. Before it is sent the operation is taken back;
   * once it is on its way the reply is dropped when it comes, and a write may well happen.
   */
  readonly signal?: Signal;
}

/** Calls `onAbort` when it aborts, until the function returned is called. */
export function onAbort(signal: Signal | undefined, listener: () => void): () => void {
  if (signal === undefined) return doNothing;
  signal.addEventListener('abort', listener);
  return () => signal.removeEventListener('abort', listener);
}

function doNothing(): void {}
