import { type Client, type Data, NoNodeError, type Op, type Seen } from '@corral/client';
import { until } from './abort.ts';
import { Lease, type LeaseOptions } from './lease.ts';
import { allOrNone, LeaseGroup, type MultiLease } from './multi-lock.ts';
import { checkPath, type Lock, mutex } from './mutex.ts';
import { joinPath, nameOf } from './node-path.ts';
import { isReplaced } from './outcome.ts';
import { createOwn, type OwnNode, protectedName, removeOwn } from './own-node.ts';
import { type Participant, participantsOf } from './participant.ts';
import { type WaitOptions, within } from './wait.ts';

export interface SemaphoreOptions extends LeaseOptions {
  /** What others read of who has a permit. */
  readonly data?: Data;
}

/** How many permits there are: a number that everybody knows, or one that is shared and may change (`sharedCount`). */
export type Permits = number | { readonly once: (op?: Op) => Promise<Seen<number>> };

/** Curator's InterProcessSemaphoreV2. */
export interface Semaphore {
  readonly path: string;
  /** Waits for a permit; who came first is served first. */
  acquire(options?: WaitOptions): Promise<Lease>;
  /** So many permits, or none. */
  acquireMany(count: number, options?: WaitOptions): Promise<MultiLease>;
  /** Null when no permit is to be had at once. */
  tryAcquire(op?: Op): Promise<Lease | null>;
  /** Those who have a permit. */
  participants(op?: Op): Promise<Participant[]>;
}

/**
 * So many at a time. Permits are nodes below `leases`; one at a time, who holds the lock below `locks`, watches them, so
 * that a permit given back wakes one. When the shared number shrinks, nobody loses what he has.
 */
export function semaphore(
  client: Client,
  path: string,
  permits: Permits,
  options: SemaphoreOptions = {},
): Semaphore {
  return new LeasedSemaphore(client, path, permits, options);
}

/** Curator's InterProcessSemaphoreMutex: a semaphore of one, in that layout. */
export function semaphoreMutex(client: Client, path: string, options: SemaphoreOptions = {}): Lock {
  const one = semaphore(client, path, 1, options);
  return {
    path,
    acquire: (wait) => one.acquire(wait),
    tryAcquire: (op) => one.tryAcquire(op),
    run: async (work, wait) => {
      await using lease = await one.acquire(wait);
      return await work(lease);
    },
    participants: (op) => one.participants(op),
  };
}

class LeasedSemaphore implements Semaphore {
  readonly path: string;
  readonly #client: Client;
  readonly #permits: Permits;
  readonly #options: SemaphoreOptions;
  readonly #queue: Lock;
  readonly #folder: string;

  constructor(client: Client, path: string, permits: Permits, options: SemaphoreOptions) {
    checkPath(client, path);
    if (typeof permits === 'number' && !(Number.isInteger(permits) && permits >= 0))
      throw new RangeError(`${permits} permits`);
    if (typeof permits !== 'number' && typeof permits?.once !== 'function')
      throw new TypeError('the permits are neither a number nor a shared one');
    this.path = path;
    this.#client = client;
    this.#permits = permits;
    this.#options = options;
    this.#queue = mutex(client, joinPath(path, 'locks'));
    this.#folder = joinPath(path, 'leases');
  }

  acquire(options: WaitOptions = {}): Promise<Lease> {
    return within(this.#client, this.path, options, (op) => this.#next(op));
  }

  async acquireMany(count: number, options: WaitOptions = {}): Promise<MultiLease> {
    if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`${count} permits`);
    const each = Array.from({ length: count });
    return within(this.#client, this.path, options, async (op) => {
      const leases = await allOrNone(each, () => this.#next(op));
      return new LeaseGroup(leases!);
    });
  }

  async tryAcquire(op: Op = {}): Promise<Lease | null> {
    await using first = await this.#queue.tryAcquire(op);
    if (first === null) return null;
    const node = await this.#createPermit(op);
    try {
      const place = await this.#placeOf(node, op);
      if (place === 'permitted') return new Lease(this.#client, node, this.#options);
      if (place !== 'gone') place.forget();
    } catch (error) {
      removeOwn(this.#client, node).catch(doNothing);
      throw error;
    }
    await until(op.signal, removeOwn(this.#client, node));
    return null;
  }

  participants(op: Op = {}): Promise<Participant[]> {
    return participantsOf(this.#client, this.#folder, [PERMIT], op);
  }

  /** Everybody behind waits at the lock while the first waits for a permit: his node among the permits is the last. */
  async #next(op: Op): Promise<Lease> {
    await using first = await this.#queue.acquire(op);
    void first;
    for (;;) {
      const node = await this.#createPermit(op);
      try {
        for (;;) {
          const place = await this.#placeOf(node, op);
          if (place === 'permitted') return new Lease(this.#client, node, this.#options);
          if (place === 'gone') break;
          try {
            await until(op.signal, place.changed);
          } finally {
            place.forget();
          }
        }
      } catch (error) {
        removeOwn(this.#client, node).catch(doNothing);
        throw error;
      }
      await until(op.signal, removeOwn(this.#client, node));
    }
  }

  #createPermit(op: Op): Promise<OwnNode> {
    const name = { folder: this.#folder, nameOf: protectedName(PERMIT) };
    return createOwn(this.#client, name, this.#options.data ?? '', op);
  }

  async #placeOf(node: OwnNode, op: Op): Promise<Place> {
    const permits = this.#permits;
    try {
      const limit = typeof permits === 'number' ? undefined : await permits.once(op);
      const max = limit?.value ?? (permits as number);
      const seen = await this.#client.once.children(this.#folder, op);
      const { names } = seen.value;
      const forget = (): void => {
        seen.forget();
        limit?.forget();
      };
      const isThere = this.#client.sessionId === node.sessionId && names.includes(nameOf(node.path));
      if (isThere && names.length > max)
        return {
          changed: limit === undefined ? seen.changed : Promise.race([seen.changed, limit.changed]),
          forget,
        };
      forget();
      return isThere ? 'permitted' : 'gone';
    } catch (error) {
      if (error instanceof NoNodeError || isReplaced(this.#client, error)) return 'gone';
      throw error;
    }
  }
}

type Place = 'permitted' | 'gone' | Pick<Seen<unknown>, 'changed' | 'forget'>;

function doNothing(): void {}

const PERMIT = 'lease-';
