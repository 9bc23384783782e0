import { BadVersionError, type Client, type Codec, type Op } from '@corral/client';
import { checkPath, type Lock, mutex } from './mutex.ts';
import { decimal, int32AsBigint, int64 } from './number-codec.ts';
import { SharedValue, type Versioned } from './shared-value.ts';
import { isSame, WitnessedWriter } from './strict-set.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface AtomicOptions {
  /** The path of a lock (a mutex) under which it is tried when others were faster `triesMax` times (PromotedToLock). */
  readonly promoteTo?: string;
  /** Default 10. */
  readonly triesMax?: number;
  /**
   * Whether a change happened is known even when its reply was lost: each is a transaction that also sets an ephemeral node
   * of our own below the value. Else a change that nobody can tell from another's ends with `OutcomeUnknownError`.
   */
  readonly isWitnessed?: boolean;
}

export interface AtomicLongOptions extends AtomicOptions {
  /**
   * What the node holds: `long` (default) is Curator's DistributedAtomicLong, eight bytes; `int` its DistributedAtomicInteger,
   * four; `decimal` is kazoo's Counter.
   */
  readonly format?: 'long' | 'int' | 'decimal';
}

/** What a change made of the value. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** Curator's DistributedAtomicValue: changed by who has seen the last one. */
export function atomicValue<T>(
  client: Client,
  path: string,
  codec: Codec<T>,
  initial: T,
  options: AtomicOptions = {},
): AtomicValue<T> {
  return new AtomicValue(client, path, codec, initial, options);
}

/** Curator's DistributedAtomicLong, kazoo's Counter: no count is lost, and none is counted twice. */
export function atomicLong(client: Client, path: string, options: AtomicLongOptions = {}): AtomicLong {
  return new AtomicLong(client, path, FORMATS[options.format ?? 'long'], 0n, options);
}

export class AtomicValue<T> implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #codec: Codec<T>;
  readonly #shared: SharedValue<T>;
  readonly #lock: Lock | undefined;
  readonly #triesMax: number;
  readonly #writer: WitnessedWriter | undefined;

  constructor(client: Client, path: string, codec: Codec<T>, initial: T, options: AtomicOptions) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#codec = codec;
    this.#shared = new SharedValue(client, path, codec, initial);
    this.#lock = options.promoteTo === undefined ? undefined : mutex(client, options.promoteTo);
    this.#triesMax = options.triesMax ?? 10;
    this.#writer = options.isWitnessed === true ? new WitnessedWriter(client, path) : undefined;
  }

  get(op: Op = {}): Promise<T> {
    return this.#shared.get(op);
  }

  /** Whatever it was before. */
  async set(value: T, op: Op = {}): Promise<void> {
    await this.#shared.set(value, op);
  }

  /** False when the value was another, as it is written. */
  async compareAndSet(expected: T, value: T, op: Op = {}): Promise<boolean> {
    const data = this.#codec.encode(expected);
    for (;;) {
      const now = await this.#shared.read(op);
      if (!isSame(this.#codec.encode(now.value), data)) return false;
      if (await this.#trySet(now, value, op)) return true;
    }
  }

  /** Reads, changes, writes: until nobody was faster. */
  update(change: (value: T) => T, options: WaitOptions = {}): Promise<Change<T>> {
    return within(this.#client, this.path, options, async (op) => {
      for (let tries = 0; this.#lock === undefined || tries < this.#triesMax; tries++) {
        const changed = await this.#tryUpdate(change, op);
        if (changed !== null) return changed;
        await pause(
          this.#client,
          this.#client.random.below(PAUSE_MAX_MS * Math.min(tries + 1, 10)),
          op.signal,
        );
      }
      return this.#lock.run(async () => {
        for (;;) {
          const changed = await this.#tryUpdate(change, op);
          if (changed !== null) return changed;
        }
      }, op);
    });
  }

  /** Takes its own node away, where it has one; the counter stays. */
  async close(): Promise<void> {
    await this.#writer?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #tryUpdate(change: (value: T) => T, op: Op): Promise<Change<T> | null> {
    const now = await this.#shared.read(op);
    const after = change(now.value);
    return (await this.#trySet(now, after, op)) ? { before: now.value, after } : null;
  }

  async #trySet(now: Versioned<T>, value: T, op: Op): Promise<boolean> {
    if (this.#writer === undefined) return (await this.#shared.trySet(now.version, value, op)) !== null;
    const data = this.#codec.encode(value);
    try {
      await this.#writer.commit((transaction) => transaction.set(this.path, data, now.version), op);
      return true;
    } catch (error) {
      if (error instanceof BadVersionError && error.index === 0) return false;
      throw error;
    }
  }
}

export class AtomicLong extends AtomicValue<bigint> {
  add(count: bigint | number, options: WaitOptions = {}): Promise<Change<bigint>> {
    const by = BigInt(count);
    return this.update((value) => value + by, options);
  }

  increment(options: WaitOptions = {}): Promise<Change<bigint>> {
    return this.add(1n, options);
  }

  decrement(options: WaitOptions = {}): Promise<Change<bigint>> {
    return this.add(-1n, options);
  }

  /**
   * Numbers that nobody else gets, reserved so many at a time (Curator's CachedAtomicLong). Those that were reserved and not
   * taken are lost.
   */
  cached(count: number): { next(options?: WaitOptions): Promise<bigint> } {
    if (!(Number.isInteger(count) && count >= 1)) throw new RangeError(`${count} numbers at a time`);
    return new ReservedNumbers((options) => this.add(count, options));
  }
}

class ReservedNumbers {
  readonly #reserve: (options?: WaitOptions) => Promise<Change<bigint>>;
  #next = 0n;
  #end = 0n;
  #reserving: Promise<void> | undefined = undefined;

  constructor(reserve: (options?: WaitOptions) => Promise<Change<bigint>>) {
    this.#reserve = reserve;
  }

  async next(options?: WaitOptions): Promise<bigint> {
    while (this.#next >= this.#end) {
      this.#reserving ??= this.#refill(options).finally(() => (this.#reserving = undefined));
      await this.#reserving;
    }
    return this.#next++;
  }

  async #refill(options?: WaitOptions): Promise<void> {
    ({ before: this.#next, after: this.#end } = await this.#reserve(options));
  }
}

const FORMATS = { long: int64, int: int32AsBigint, decimal } as const;
const PAUSE_MAX_MS = 10;
