import { type Client, type Codec, DataError, NoNodeError, type Op, type Seen } from '@corral/client';
import { until } from './abort.ts';
import { checkPath } from './mutex.ts';
import { createOnce, ensureFolder } from './folder.ts';
import { joinPath, parentOf } from './node-path.ts';
import { isReplaced } from './outcome.ts';
import { claimSafely, type QueueItem, takeAway } from './queue-item.ts';
import { cleanId, type PutOptions, type QueueLayout } from './queue-layout.ts';
import { type WaitOptions, within } from './wait.ts';

export interface QueueOptions {
  /**
   * Makes it safe (Curator's `lockPath`): an item stays until its consumer says `done`, locked by an ephemeral node of this
   * folder, so that others get it when he fails. Without it an item is gone when it is taken.
   */
  readonly lockPath?: string;
  /**
   * An item does not hold what the codec takes. With this it is left out by this consumer from then on; a safe queue keeps it.
   * Without, `take` rejects with it, each time in a safe queue.
   */
  readonly onBadItem?: (error: DataError, path: string) => void;
  /** `put` waits while there are so many items. Default: no bound. */
  readonly itemsMax?: number;
}

/** As with all of Curator's queues: every consumer sees every item, so a queue is for thousands of items, not for millions. */
export class Queue<T> {
  readonly path: string;
  readonly #client: Client;
  readonly #codec: Codec<T>;
  readonly #layout: QueueLayout;
  readonly #lockPath: string | undefined;
  readonly #itemsMax: number | undefined;
  readonly #onBadItem: ((error: DataError, path: string) => void) | undefined;
  readonly #badNames = new Set<string>();

  constructor(client: Client, path: string, codec: Codec<T>, layout: QueueLayout, options: QueueOptions) {
    checkPath(client, path);
    if (typeof codec?.decode !== 'function') throw new TypeError('the codec is not { encode, decode }');
    if (options.lockPath !== undefined) checkPath(client, options.lockPath);
    this.path = path;
    this.#client = client;
    this.#codec = codec;
    this.#layout = layout;
    this.#lockPath = options.lockPath;
    this.#itemsMax = options.itemsMax;
    this.#onBadItem = options.onBadItem;
  }

  /** `OutcomeUnknownError` when the reply was lost: it may be there. Putting it again may put it twice. */
  put(value: T, options: PutOptions & WaitOptions = {}): Promise<string> {
    return this.putMany([value], options);
  }

  /** As one item, which one consumer gets (Curator's putMulti). @returns the path of the item */
  putMany(values: readonly T[], options: PutOptions & WaitOptions = {}): Promise<string> {
    if (values.length === 0) throw new RangeError('no values');
    const name = this.#layout.nameFor(options, this.#client.clock.now());
    const data = this.#layout.encode(this.#codec, values);
    return within(this.#client, this.path, options, async (op) => {
      await this.#waitForRoom(op);
      for (;;) {
        try {
          return (await this.#client.create(joinPath(this.path, name), data, { ...op, sequential: true }))
            .path;
        } catch (error) {
          if (!(error instanceof NoNodeError)) throw error;
          await this.#makeFolder(op);
        }
      }
    });
  }

  /** The next item; waits for it. */
  take(options: WaitOptions = {}): Promise<QueueItem<T>> {
    return within(this.#client, this.path, options, async (op) => {
      for (;;) {
        try {
          const item = await this.#next(op);
          if (item !== undefined) return item;
        } catch (error) {
          if (error instanceof NoNodeError) await this.#makeFolder(op);
          else if (!isReplaced(this.#client, error)) throw error;
        }
      }
    });
  }

  /** Null when there is none to be had now. */
  async tryTake(op: Op = {}): Promise<QueueItem<T> | null> {
    try {
      const { names } = await this.#client.children(this.path, op);
      return (await this.#claimFirst(names, await this.#taken(op), op)) ?? null;
    } catch (error) {
      if (error instanceof NoNodeError) return null;
      throw error;
    }
  }

  /** One item after the other, until the loop is left. Of a safe queue an item that was not `done` is given back. */
  async *consume(op: Op = {}): AsyncGenerator<QueueItem<T>, undefined> {
    for (;;) {
      await using item = await this.take(op);
      yield item;
    }
  }

  /** How many items there are, also those that are locked or not due. */
  async size(op: Op = {}): Promise<number> {
    return (await this.#client.exists(this.path, op))?.numChildren ?? 0;
  }

  /** Of an id queue: removes what nobody has taken yet. @returns how many */
  async remove(id: string, op: Op = {}): Promise<number> {
    let count = 0;
    const clean = cleanId(id);
    const { names } = await this.#client.children(this.path, op);
    for (const name of names) {
      if (this.#layout.idOf(name) !== clean) continue;
      const item = await this.#claim(name, op);
      await item?.done();
      if (item !== undefined) count++;
    }
    return count;
  }

  /** Undefined where something has changed, and it is worth to look again. */
  async #next(op: Op): Promise<QueueItem<T> | undefined> {
    const seen = await this.#client.once.children(this.path, op);
    let locks: Seen<{ readonly names: readonly string[] }> | undefined;
    try {
      if (this.#lockPath !== undefined) locks = await this.#client.once.children(this.#lockPath, op);
      const { names } = seen.value;
      const item = await this.#claimFirst(names, new Set(locks?.value.names), op);
      if (item !== undefined) return item;
      const dueIn = this.#dueIn(names);
      const changes: Promise<unknown>[] = [seen.changed];
      // A lock that goes may leave its item behind.
      if (locks !== undefined) changes.push(locks.changed);
      await this.#anyOf(changes, dueIn, op);
      return undefined;
    } finally {
      seen.forget();
      locks?.forget();
    }
  }

  async #anyOf(changes: Promise<unknown>[], withinMs: number, op: Op): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer =
      withinMs === Number.POSITIVE_INFINITY ? undefined : this.#client.clock.after(withinMs, resolve);
    try {
      await until(op.signal, Promise.race([...changes, promise]));
    } finally {
      timer?.cancel();
    }
  }

  async #claimFirst(
    names: readonly string[],
    taken: ReadonlySet<string>,
    op: Op,
  ): Promise<QueueItem<T> | undefined> {
    const now = this.#client.clock.now();
    for (const name of this.#inOrder(names)) {
      if (taken.has(name) || this.#badNames.has(name) || this.#layout.dueAt(name) > now) continue;
      const item = await this.#claim(name, op);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  async #claim(name: string, op: Op): Promise<QueueItem<T> | undefined> {
    const path = joinPath(this.path, name);
    const decode = (data: Uint8Array): Promise<T[]> => this.#layout.decode(this.#codec, data, path);
    try {
      if (this.#lockPath === undefined) return await takeAway(this.#client, path, decode, op);
      return await claimSafely(this.#client, path, this.#lockPath, decode, op);
    } catch (error) {
      if (!(error instanceof DataError) || this.#onBadItem === undefined) throw error;
      if (this.#badNames.size >= BAD_NAMES_MAX) this.#badNames.clear();
      this.#badNames.add(name);
      this.#onBadItem(error, path);
      return undefined;
    }
  }

  #inOrder(names: readonly string[]): string[] {
    const items = names.filter((name) => name.startsWith(this.#layout.prefix));
    const keyed = items.map((name) => ({ name, key: this.#layout.sortKeyOf(name) }));
    return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
  }

  #dueIn(names: readonly string[]): number {
    const now = this.#client.clock.now();
    const later = names.map((name) => this.#layout.dueAt(name)).filter((due) => due > now);
    return later.reduce((soonest, due) => Math.min(soonest, due), Number.POSITIVE_INFINITY) - now;
  }

  async #taken(op: Op): Promise<ReadonlySet<string>> {
    if (this.#lockPath === undefined) return new Set();
    try {
      return new Set((await this.#client.children(this.#lockPath, op)).names);
    } catch (error) {
      if (error instanceof NoNodeError) return new Set();
      throw error;
    }
  }

  async #waitForRoom(op: Op): Promise<void> {
    const max = this.#itemsMax;
    if (max === undefined) return;
    for (;;) {
      try {
        const seen = await this.#client.once.children(this.path, op);
        if (seen.value.names.length < max) return seen.forget();
        await until(op.signal, seen.changed).finally(() => seen.forget());
      } catch (error) {
        if (error instanceof NoNodeError) return;
        throw error;
      }
    }
  }

  /** A queue stays when it is empty: consumers wait at it. */
  async #makeFolder(op: Op): Promise<void> {
    for (const folder of this.#lockPath === undefined ? [this.path] : [this.path, this.#lockPath]) {
      await ensureFolder(this.#client, parentOf(folder), op);
      await createOnce(this.#client, folder, '', op);
    }
  }
}

/** So many are remembered; then they are met, and told of, again. */
const BAD_NAMES_MAX = 10_000;
