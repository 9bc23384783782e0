import type { Client, Op } from '@corral/client';
import { newAbort, type PlatformSignal } from './abort.ts';
import type { Lease } from './lease.ts';
import type { Lock } from './mutex.ts';
import { type WaitOptions, within } from './wait.ts';

/** Several leases held together. */
export interface MultiLease extends AsyncDisposable {
  /** One of each lock, in the locks' order. */
  readonly leases: readonly Lease[];
  readonly isHeld: boolean;
  /** Aborts when the first of them is lost. */
  readonly lost: PlatformSignal;
  release(): Promise<void>;
}

export interface MultiLock {
  /** All or none. The time is for all of them together. */
  acquire(options?: WaitOptions): Promise<MultiLease>;
  tryAcquire(op?: Op): Promise<MultiLease | null>;
}

/**
 * Curator's InterProcessMultiLock. The locks are acquired in the order given, and released in the reverse: who uses the
 * same locks in another order may wait for one who waits for him.
 */
export function multiLock(
  client: Client,
  locks: readonly Pick<Lock, 'path' | 'acquire' | 'tryAcquire'>[],
): MultiLock {
  const paths = locks.map(({ path }) => path).join(', ');
  return {
    acquire: async (options = {}) => {
      const leases = await within(client, paths, options, (op) =>
        allOrNone(locks, (lock) => lock.acquire(op)),
      );
      return new LeaseGroup(leases!);
    },
    tryAcquire: async (op = {}) => {
      const leases = await allOrNone(locks, (lock) => lock.tryAcquire(op));
      return leases === null ? null : new LeaseGroup(leases);
    },
  };
}

/** One thing after the other; what was got is given back when one is refused (null) or fails. */
export async function allOrNone<T>(
  things: readonly T[],
  acquire: (thing: T) => Promise<Lease | null>,
): Promise<Lease[] | null> {
  const leases: Lease[] = [];
  try {
    for (const thing of things) {
      const lease = await acquire(thing);
      if (lease === null) {
        await releaseAll(leases);
        return null;
      }
      leases.push(lease);
    }
    return leases;
  } catch (error) {
    // In the background: who has waited long enough is told at once.
    releaseAll(leases).catch(doNothing);
    throw error;
  }
}

/** Leases as one. */
export class LeaseGroup implements MultiLease {
  readonly leases: readonly Lease[];
  readonly #abort = newAbort();

  constructor(leases: readonly Lease[]) {
    this.leases = leases;
    for (const { lost } of leases) {
      if (lost.aborted) this.#abort.abort(lost.reason);
      else lost.addEventListener('abort', () => this.#abort.abort(lost.reason));
    }
  }

  get isHeld(): boolean {
    return this.leases.every(({ isHeld }) => isHeld);
  }

  get lost(): PlatformSignal {
    return this.#abort.signal;
  }

  release(): Promise<void> {
    return releaseAll(this.leases);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** The last first. Every one is tried, whatever becomes of the others. */
async function releaseAll(leases: readonly Lease[]): Promise<void> {
  const failures: unknown[] = [];
  for (const lease of leases.toReversed())
    await lease.release().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function doNothing(): void {}
