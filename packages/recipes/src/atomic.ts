import { BadVersionError, type Client, type Codec, type Op } from '@corral/client';
import { checkPath, type Lock, mutex } from './mutex.ts';
import { decimal, int64 } from './number-codec.ts';
import { SharedValue, type Versioned } from './shared-value.ts';
import { WitnessedWriter } from './strict-set.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface AtomicOptions {
  /**
   * What the node holds: `long` (default) is Curator's DistributedAtomicLong, eight bytes; `decimal` is kazoo's Counter.
   */
  readonly format?: 'long' | 'decimal';
  /** The path of a lock (a mutex) under which it is tried when others were faster `triesMax` times (PromotedToLock). */
  readonly promoteTo?: string;
  /** Default 10. */
  readonly triesMax?: number;
  /**
   * Whether a change happened is known even when its reply was lost: each is a transaction that also sets an ephemeral node
   * of our own below the counter. Else a change that nobody can tell from another's ends with `OutcomeUnknownError`.
   */
  readonly isWitnessed?: boolean;
}

/** What a change made of the value. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** Curator's DistributedAtomicLong, kazoo's Counter: no count is lost, and none is counted twice. */
export function atomicLong(client: Client, path: string, options: AtomicOptions = {}): AtomicLong {
  return new AtomicLong(client, path, options.format === 'decimal' ? decimal : int64, options);
}

export class AtomicLong implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #codec: Codec<bigint>;
  readonly #shared: SharedValue<bigint>;
  readonly #lock: Lock | undefined;
  readonly #triesMax: number;
  readonly #writer: WitnessedWriter | undefined;

  constructor(client: Client, path: string, codec: Codec<bigint>, options: AtomicOptions) {
    checkPath(client, path);
    this.path = path;
    this.#client = client;
    this.#codec = codec;
    this.#shared = new SharedValue(client, path, codec, 0n);
    this.#lock = options.promoteTo === undefined ? undefined : mutex(client, options.promoteTo);
    this.#triesMax = options.triesMax ?? 10;
    this.#writer = options.isWitnessed === true ? new WitnessedWriter(client, path) : undefined;
  }

  get(op: Op = {}): Promise<bigint> {
    return this.#shared.get(op);
  }

  /** Whatever it was before. */
  async set(value: bigint, op: Op = {}): Promise<void> {
    await this.#shared.set(value, op);
  }

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

  /** False when the value was another. */
  async compareAndSet(expected: bigint, value: bigint, op: Op = {}): Promise<boolean> {
    for (;;) {
      const now = await this.#shared.read(op);
      if (now.value !== expected) return false;
      if (await this.#trySet(now, value, op)) return true;
    }
  }

  /** Reads, changes, writes: until nobody was faster. */
  update(change: (value: bigint) => bigint, options: WaitOptions = {}): Promise<Change<bigint>> {
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

  async #tryUpdate(change: (value: bigint) => bigint, op: Op): Promise<Change<bigint> | null> {
    const now = await this.#shared.read(op);
    const after = change(now.value);
    return (await this.#trySet(now, after, op)) ? { before: now.value, after } : null;
  }

  async #trySet(now: Versioned<bigint>, value: bigint, op: Op): Promise<boolean> {
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

const PAUSE_MAX_MS = 10;
