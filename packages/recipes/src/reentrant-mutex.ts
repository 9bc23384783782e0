import type { Client, Op } from '@corral/client';
import type { Lease } from './lease.ts';
import { type Lock, mutex, type MutexOptions } from './mutex.ts';
import type { Participant } from './participant.ts';
import type { WaitOptions } from './wait.ts';

export interface ReentrantMutexOptions extends MutexOptions {
  /**
   * Who is asking. Java has threads for it; here it is whatever tells one line of work from another, for example
   * `() => storage.getStore()` of an AsyncLocalStorage. Undefined is nobody: who is nobody is never let in again.
   */
  readonly owner?: () => unknown;
}

export interface ReentrantWait extends WaitOptions {
  /** Who is asking, this time. */
  readonly owner?: unknown;
}

/** A hold on a reentrant lock: the lock is released with the last hold of its owner. */
export interface Hold extends AsyncDisposable {
  readonly lease: Lease;
  release(): Promise<void>;
}

/** Curator's InterProcessMutex as its threads know it: who holds the lock may acquire it again. Its nodes are a mutex's. */
export function reentrantMutex(
  client: Client,
  path: string,
  options: ReentrantMutexOptions = {},
): ReentrantMutex {
  return new ReentrantMutex(mutex(client, path, options), options.owner ?? nobody);
}

export class ReentrantMutex {
  readonly #lock: Lock;
  readonly #owner: () => unknown;
  readonly #holds = new Map<unknown, CountedLease>();

  constructor(lock: Lock, owner: () => unknown) {
    this.#lock = lock;
    this.#owner = owner;
  }

  get path(): string {
    return this.#lock.path;
  }

  /** At once for the owner who holds it; a lease that was lost does not count. */
  async acquire(options: ReentrantWait = {}): Promise<Hold> {
    const owner = options.owner ?? this.#owner();
    const held = this.#heldBy(owner);
    if (held !== undefined) return this.#holdOf(owner, held);
    return this.#holdOf(owner, { lease: await this.#lock.acquire(options), count: 0 });
  }

  async tryAcquire(options: Op & { readonly owner?: unknown } = {}): Promise<Hold | null> {
    const owner = options.owner ?? this.#owner();
    const held = this.#heldBy(owner);
    if (held !== undefined) return this.#holdOf(owner, held);
    const lease = await this.#lock.tryAcquire(options);
    return lease === null ? null : this.#holdOf(owner, { lease, count: 0 });
  }

  async run<T>(work: (lease: Lease) => T | Promise<T>, options: ReentrantWait = {}): Promise<T> {
    await using hold = await this.acquire(options);
    return await work(hold.lease);
  }

  participants(op: Op = {}): Promise<Participant[]> {
    return this.#lock.participants(op);
  }

  #heldBy(owner: unknown): CountedLease | undefined {
    const held = owner === undefined ? undefined : this.#holds.get(owner);
    return held?.lease.isHeld === true ? held : undefined;
  }

  #holdOf(owner: unknown, held: CountedLease): Hold {
    held.count++;
    if (owner !== undefined) this.#holds.set(owner, held);
    let isReleased = false;
    const release = async (): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      if (--held.count > 0) return;
      if (this.#holds.get(owner) === held) this.#holds.delete(owner);
      await held.lease.release();
    };
    return { lease: held.lease, release, [Symbol.asyncDispose]: release };
  }
}

interface CountedLease {
  readonly lease: Lease;
  count: number;
}

function nobody(): undefined {}
