import type { Client, Op, Signal } from '@corral/client';
import { newAbort, until } from './abort.ts';
import { RecipeError } from './recipe-error.ts';

/** What every wait takes. */
export interface WaitOptions extends Op {
  /** Milliseconds until it is given up with a `RecipeError` `TIMEOUT`. Default: never. */
  readonly timeoutMs?: number;
}

/** Does the work with a signal that aborts with the caller's own and when the time is up. */
export async function within<T>(
  client: Client,
  path: string,
  { signal, timeoutMs }: WaitOptions,
  work: (op: Op) => Promise<T>,
): Promise<T> {
  if (signal?.aborted === true) throw signal.reason;
  if (timeoutMs === undefined) return work(signal === undefined ? {} : { signal });
  if (!(timeoutMs >= 0)) throw new RangeError(`timeoutMs ${timeoutMs}`);
  const abort = newAbort();
  const listener = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', listener);
  const timer = client.clock.after(timeoutMs, () =>
    abort.abort(new RecipeError('TIMEOUT', path, `nothing came of it within ${timeoutMs} ms`)),
  );
  try {
    return await work({ signal: abort.signal });
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', listener);
  }
}

/** Resolves after so long; at once with the signal's reason when that aborts. */
export async function pause(client: Client, ms: number, signal?: Signal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = client.clock.after(ms, resolve);
  try {
    await until(signal, promise);
  } finally {
    timer.cancel();
  }
}
