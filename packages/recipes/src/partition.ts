import type { Children, Client, Op, Seen } from '@corral/client';
import { newAbort, type PlatformSignal, until } from './abort.ts';
import type { Lease, LeaseOptions } from './lease.ts';
import { checkPath, mutex } from './mutex.ts';
import { joinPath } from './node-path.ts';
import { isPassing } from './outcome.ts';
import { uuid } from './own-node.ts';
import { persistentNode } from './persistent-node.ts';
import { RecipeError } from './recipe-error.ts';
import { pause } from './wait.ts';

export interface PartitionOptions extends LeaseOptions {
  /** Who takes part. Two of the same id would be given the same items, and only one of them gets them. */
  readonly id: string;
  /** Milliseconds without a change of the members before the set is shared out. Default 5000 (kazoo: 30 seconds). */
  readonly settleMs?: number;
  /**
   * Which items are the member's: every member is to come to the same answer. Default, as kazoo's: of the sorted items every
   * n-th from the member's own place among the n sorted members on.
   */
  readonly shareOf?: (id: string, members: readonly string[], items: readonly string[]) => readonly string[];
}

/**
 * kazoo's SetPartitioner: a set of items, each of which belongs to one of those who take part. Each item is a lock, so that
 * none is ever held by two, whatever they believe of each other.
 *
 * @param items names of nodes; every member is given the same
 */
export function partition(
  client: Client,
  path: string,
  items: readonly string[],
  options: PartitionOptions,
): Partition {
  return new Partition(client, path, items, options);
}

/** What of the set is ours for now. */
export interface Share extends AsyncDisposable {
  /** None where there are more members than items. */
  readonly items: readonly string[];
  /** The lock of each item, with its fencing token. */
  readonly leases: ReadonlyMap<string, Lease>;
  /**
   * Aborts when it is to be given back: with a `RecipeError` `RECALLED` when the members have changed, and `LOST` when a
   * lock is lost. Until it is released nobody else gets what is not lost.
   */
  readonly recalled: PlatformSignal;
  /** Resolves when that aborts. */
  untilRecalled(): Promise<void>;
  release(): Promise<void>;
}

export class Partition {
  readonly path: string;
  readonly id: string;
  readonly #client: Client;
  readonly #items: readonly string[];
  readonly #settleMs: number;
  readonly #shareOf: NonNullable<PartitionOptions['shareOf']>;
  readonly #leaseOptions: LeaseOptions;
  readonly #party: string;

  constructor(client: Client, path: string, items: readonly string[], options: PartitionOptions) {
    const { id, settleMs = SETTLE_MS, shareOf = everyNth, ...leaseOptions } = options;
    checkPath(client, path);
    for (const name of [id, ...items]) {
      if (name === '' || name.includes('/')) throw new RangeError(`"${name}" is no name of a node`);
      checkPath(client, joinPath(path, name));
    }
    if (!(settleMs >= 0)) throw new RangeError(`settleMs ${settleMs}`);
    this.path = path;
    this.id = id;
    this.#client = client;
    this.#items = [...new Set(items)];
    this.#settleMs = settleMs;
    this.#shareOf = shareOf;
    this.#leaseOptions = leaseOptions;
    this.#party = joinPath(path, 'party');
  }

  /**
   * Takes part as long as the loop runs: each round is a share, which is given back when the round ends. A round stays in
   * its body until the share is recalled; one that ends before is dealt another share. Ends with the session, or the signal.
   */
  async *shares(op: Op = {}): AsyncGenerator<Share, undefined> {
    const name = `${uuid(this.#client).replaceAll('-', '')}-${this.id}`;
    await using member = persistentNode(this.#client, joinPath(this.#party, name), { data: this.id });
    await member.ready(op);
    for (;;) {
      await using share = await this.#next(name, op);
      yield share;
    }
  }

  /** Who takes part, sorted. */
  async members(op: Op = {}): Promise<string[]> {
    const there = await this.#client.exists(this.#party, op);
    return there === null ? [] : membersOf((await this.#client.children(this.#party, op)).names);
  }

  async #next(name: string, op: Op): Promise<Share> {
    for (;;) {
      try {
        const seen = await this.#settled(name, op);
        const share = await this.#take(seen, op);
        if (share !== undefined) return share;
      } catch (error) {
        if (op.signal?.aborted === true || !isPassing(this.#client, error)) throw error;
        await pause(this.#client, AGAIN_MS, op.signal);
      }
    }
  }

  /** The members, when they have been the same for a while and we are among them. */
  async #settled(name: string, op: Op): Promise<Seen<Children>> {
    for (;;) {
      const seen = await this.#client.once.children(this.#party, op);
      try {
        const isStill = await this.#isStill(seen.changed, op);
        if (isStill && seen.value.names.includes(name)) return seen;
        if (isStill) await until(op.signal, seen.changed);
      } catch (error) {
        seen.forget();
        throw error;
      }
    }
  }

  async #isStill(changed: Promise<unknown>, op: Op): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#client.clock.after(this.#settleMs, () => resolve(true));
    try {
      return await until(op.signal, Promise.race([promise, changed.then(isNot)]));
    } finally {
      timer.cancel();
    }
  }

  /**
   * Locks all of our items. Undefined when the members change meanwhile: whoever had an item before gives it up only when
   * it hears of that too, so waiting for it under the old members could be for ever.
   */
  async #take(seen: Seen<Children>, op: Op): Promise<Share | undefined> {
    const items = this.#shareOf(this.id, membersOf(seen.value.names), this.#items);
    const share = new HeldShare(this.path, items, seen, op);
    const locks = items.map((item) => {
      const path = joinPath(joinPath(this.path, 'locks'), item);
      return mutex(this.#client, path, { ...this.#leaseOptions, naming: 'kazoo', data: this.id });
    });
    const waits = locks.map(async (lock, i) =>
      share.hold(items[i]!, await lock.acquire({ signal: share.recalled })),
    );
    const failure = (await Promise.allSettled(waits)).find(isRejected);
    if (failure === undefined && !share.recalled.aborted) return share;
    const isRecalled = share.recalled.aborted;
    await share.release();
    if (op.signal?.aborted === true) throw op.signal.reason;
    if (failure !== undefined && !isRecalled) throw failure.reason;
    return undefined;
  }
}

class HeldShare implements Share {
  readonly items: readonly string[];
  readonly leases: Map<string, Lease> = new Map();
  readonly #abort = newAbort();
  readonly #end: () => void;

  constructor(path: string, items: readonly string[], seen: Seen<Children>, { signal }: Op) {
    this.items = items;
    const stop = (): void => this.#abort.abort(signal?.reason);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    this.#end = () => {
      seen.forget();
      signal?.removeEventListener('abort', stop);
    };
    seen.changed.then(
      () => this.#abort.abort(new RecipeError('RECALLED', path, 'the members have changed')),
      (reason: unknown) => this.#abort.abort(reason),
    );
  }

  /** For who locks it. */
  hold(item: string, lease: Lease): void {
    this.leases.set(item, lease);
    const { lost } = lease;
    if (lost.aborted) this.#abort.abort(lost.reason);
    else lost.addEventListener('abort', () => this.#abort.abort(lost.reason));
  }

  get recalled(): PlatformSignal {
    return this.#abort.signal;
  }

  untilRecalled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.recalled.aborted) resolve();
    else this.recalled.addEventListener('abort', () => resolve());
    return promise;
  }

  /** Each is tried, whatever becomes of the others. */
  async release(): Promise<void> {
    this.#end();
    const releases = await Promise.allSettled(Array.from(this.leases.values(), (lease) => lease.release()));
    const failure = releases.find(isRejected);
    if (failure !== undefined) throw failure.reason;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** kazoo's ShallowParty: something that makes it unique, a hyphen, the id. */
function membersOf(names: readonly string[]): string[] {
  return names.map((name) => name.slice(name.indexOf('-') + 1)).toSorted();
}

function everyNth(id: string, members: readonly string[], items: readonly string[]): readonly string[] {
  const first = members.indexOf(id);
  return items.toSorted().filter((_, i) => i % members.length === first);
}

function isNot(): boolean {
  return false;
}

function isRejected(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}

const SETTLE_MS = 5000;
const AGAIN_MS = 100;
