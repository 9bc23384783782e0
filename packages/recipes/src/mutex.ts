import type { Client, Data, Op } from '@corral/client';
import { contendersOf } from './contender.ts';
import { Lease, type LeaseOptions } from './lease.ts';
import { type OwnNode, protectedName } from './own-node.ts';
import { type Participant, participantsOf } from './participant.ts';
import { takeTurn, tryTurn, type Turn } from './turn.ts';
import { type WaitOptions, within } from './wait.ts';

export interface MutexOptions extends LeaseOptions {
  /** What others read of who holds or waits: Curator's lock data, kazoo's identifier. */
  readonly data?: Data;
  /**
   * Whose names the nodes have. `curator` (default): `_c_<uuid>-lock-<number>`, which kazoo sees with
   * `extra_lock_patterns=['-lock-']`. `kazoo`: `<uuid>__lock__<number>`, which kazoo sees as it is and Curator does not. Both
   * are seen here, whichever is chosen.
   */
  readonly naming?: 'curator' | 'kazoo';
}

/** A lock that one holds at a time. */
export interface Lock {
  readonly path: string;
  /** Waits for its turn. Rejects with what the session ends with, a `RecipeError` `TIMEOUT`, or the signal's reason. */
  acquire(options?: WaitOptions): Promise<Lease>;
  /** Null when somebody holds it or waits for it. */
  tryAcquire(op?: Op): Promise<Lease | null>;
  /** Works under the lock, and releases it whatever comes of the work. */
  run<T>(work: (lease: Lease) => T | Promise<T>, options?: WaitOptions): Promise<T>;
  /** The holder, then those who wait, in their order. */
  participants(op?: Op): Promise<Participant[]>;
}

/** Curator's InterProcessMutex, kazoo's Lock. Not reentrant: who acquires it twice waits for himself. */
export function mutex(client: Client, path: string, options: MutexOptions = {}): Lock {
  return new QueuedLock(client, path, LOCK_KINDS, options);
}

/** What is before the number in the names of a lock's nodes: Curator's, and kazoo's where it has the recipe. */
export interface LockKinds {
  readonly curator: string;
  readonly kazoo: string | undefined;
}

/** One behind the other, whatever the nodes are called. */
export class QueuedLock implements Lock {
  readonly path: string;
  readonly #client: Client;
  readonly #options: LeaseOptions;
  readonly #kinds: readonly string[];
  readonly #turn: Turn;

  constructor(client: Client, path: string, { curator, kazoo }: LockKinds, options: MutexOptions) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#options = options;
    this.#kinds = kazoo === undefined ? [curator] : [curator, kazoo];
    const nameOf =
      options.naming === 'kazoo' && kazoo !== undefined ? kazooName(kazoo) : protectedName(curator);
    this.#turn = {
      name: { folder: path, nameOf },
      data: options.data ?? '',
      blockerOf: (names, own) => this.#predecessorOf(names, own),
    };
  }

  acquire(options: WaitOptions = {}): Promise<Lease> {
    return within(this.#client, this.path, options, async (op) =>
      this.#leaseOf(await takeTurn(this.#client, this.#turn, op)),
    );
  }

  async tryAcquire(op: Op = {}): Promise<Lease | null> {
    const node = await tryTurn(this.#client, this.#turn, op);
    return node === null ? null : this.#leaseOf(node);
  }

  async run<T>(work: (lease: Lease) => T | Promise<T>, options: WaitOptions = {}): Promise<T> {
    await using lease = await this.acquire(options);
    return await work(lease);
  }

  participants(op: Op = {}): Promise<Participant[]> {
    return participantsOf(this.#client, this.path, this.#kinds, op);
  }

  #leaseOf(node: OwnNode): Lease {
    return new Lease(this.#client, node, this.#options);
  }

  #predecessorOf(names: readonly string[], own: string): string | undefined {
    const contenders = contendersOf(names, this.#kinds);
    return contenders[contenders.findIndex(({ name }) => name === own) - 1]?.name;
  }
}

export function kazooName(kind: string): (id: string) => string {
  return (id) => `${id.replaceAll('-', '')}${kind}`;
}

/** @throws TypeError, RangeError where it is no client, or no path of a node */
export function checkPath(client: Client, path: string): void {
  // Text has an `at`, too: who forgets the client would hear of it much later.
  if (typeof client !== 'object') throw new TypeError('the first argument is not a client');
  client.at(path);
}

const LOCK_KINDS: LockKinds = { curator: 'lock-', kazoo: '__lock__' };
