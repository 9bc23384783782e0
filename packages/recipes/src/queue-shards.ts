import { type Client, NoNodeError, type Op } from '@corral/client';
import { newAbort, type PlatformSignal } from './abort.ts';
import { createOnce, ensureFolder } from './folder.ts';
import { type LeaderLatch, leaderLatch } from './leader-latch.ts';
import { checkPath } from './mutex.ts';
import { joinPath } from './node-path.ts';
import { isPassing, isSessionOver } from './outcome.ts';
import { uuid } from './own-node.ts';
import type { Queue } from './queue.ts';
import type { QueueItem } from './queue-item.ts';
import type { PutOptions } from './queue-layout.ts';
import { RecipeError } from './recipe-error.ts';
import { pause, type WaitOptions, within } from './wait.ts';

export interface QueueShardsOptions {
  /** Where those who share the shards elect who adds one. Not below the queues. */
  readonly leaderPath: string;
  /**
   * A shard that has so many items is full: others are preferred. When all are full, one more is made (Curator makes one at
   * each check as long as any is). Default 10,000.
   */
  readonly itemsMax?: number;
  /** Default 10. */
  readonly shardsMax?: number;
  /** Milliseconds after which it is looked again how full they are, and which there are. Default 30,000. */
  readonly checkMs?: number;
  /** No more shards may be made, and all are full; it could not be looked; an item was `LOST` before it was done. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Curator's QueueSharder: several queues in the place of one, for what would be too many children of one node. Items keep
 * their order within a shard only. Resolves when the shards that there are are known, of which there is one at least.
 *
 * @param open makes the queue of a shard: `(path) => queue(zk, path, utf8)`
 */
export async function queueShards<T>(
  client: Client,
  path: string,
  open: (path: string) => Queue<T>,
  options: QueueShardsOptions & WaitOptions,
): Promise<QueueShards<T>> {
  const shards = new QueueShards(client, path, open, options);
  try {
    await within(client, path, options, (op) => shards.begin(op));
    return shards;
  } catch (error) {
    await shards.close();
    throw error;
  }
}

export class QueueShards<T> implements AsyncDisposable {
  readonly path: string;
  readonly #client: Client;
  readonly #open: (path: string) => Queue<T>;
  readonly #itemsMax: number;
  readonly #shardsMax: number;
  readonly #checkMs: number;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #latch: LeaderLatch;
  readonly #queues = new Map<string, Queue<T>>();
  readonly #full = new Set<string>();
  readonly #closing = newAbort();
  readonly #consumers = new Set<(queue: Queue<T>) => void>();
  #checking: Promise<void> = Promise.resolve();

  constructor(client: Client, path: string, open: (path: string) => Queue<T>, options: QueueShardsOptions) {
    checkPath(client, path);
    const { leaderPath, itemsMax = 10_000, shardsMax = 10, checkMs = 30_000 } = options;
    if (leaderPath === path || leaderPath.startsWith(`${path}/`))
      throw new RangeError(`leaderPath ${leaderPath} is among the shards`);
    for (const [name, value] of Object.entries({ itemsMax, shardsMax, checkMs }))
      if (!(value >= 1)) throw new RangeError(`${name} ${value}`);
    this.path = path;
    this.#client = client;
    this.#open = open;
    this.#itemsMax = itemsMax;
    this.#shardsMax = shardsMax;
    this.#checkMs = checkMs;
    this.#onError = options.onError;
    this.#latch = leaderLatch(client, leaderPath);
  }

  /** For whoever opens it. */
  async begin(op: Op): Promise<void> {
    await ensureFolder(this.#client, this.path, op);
    await this.#look(op);
    if (this.#queues.size === 0) await this.#add(op);
    this.#latch.start();
    this.#checking = this.#check();
  }

  /** The paths of the shards that are known. */
  get paths(): string[] {
    return [...this.#queues.keys()];
  }

  /** Into any shard that is not full; into any where all are. */
  put(value: T, options: PutOptions & WaitOptions = {}): Promise<string> {
    return this.putMany([value], options);
  }

  putMany(values: readonly T[], options: PutOptions & WaitOptions = {}): Promise<string> {
    const preferred = this.paths.filter((path) => !this.#full.has(path));
    const paths = preferred.length > 0 ? preferred : this.paths;
    const path = paths[this.#client.random.below(paths.length)]!;
    return this.#queues.get(path)!.putMany(values, options);
  }

  /**
   * Sees to the items of all shards, one at a time of each, until the signal aborts or this is closed. An item that `work`
   * returns for is `done`. Rejects with what `work` throws, or what the session ends with; an item of a safe queue is given
   * back then.
   */
  async consume(work: (item: QueueItem<T>) => void | Promise<void>, { signal }: Op = {}): Promise<void> {
    const stop = newAbort();
    const over = Promise.withResolvers<void>();
    const loops: Promise<void>[] = [];
    const end = (): void => {
      over.resolve();
      stop.abort(STOPPED);
    };
    const begin = (queue: Queue<T>): void => {
      const loop = this.#consumeOne(queue, work, stop.signal);
      loop.catch((error: unknown) => {
        over.reject(error);
        stop.abort(STOPPED);
      });
      loops.push(loop);
    };
    for (const each of [signal, this.#closing.signal]) {
      if (each?.aborted === true) end();
      each?.addEventListener('abort', end);
    }
    this.#consumers.add(begin);
    for (const queue of this.#queues.values()) begin(queue);
    try {
      await over.promise;
    } finally {
      this.#consumers.delete(begin);
      for (const each of [signal, this.#closing.signal]) each?.removeEventListener('abort', end);
      await Promise.allSettled(loops);
    }
  }

  /** Ends what consumes, and adds no more shards. The items stay. */
  async close(): Promise<void> {
    this.#closing.abort(STOPPED);
    await this.#checking;
    await this.#latch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #consumeOne(
    queue: Queue<T>,
    work: (item: QueueItem<T>) => void | Promise<void>,
    signal: PlatformSignal,
  ): Promise<void> {
    try {
      for await (const item of queue.consume({ signal })) {
        await work(item);
        await item.done().catch((error: unknown) => this.#tellLost(error));
      }
    } catch (error) {
      if (error !== STOPPED) throw error;
    }
  }

  /** Another sees to the item, too: no reason to see to no more. */
  #tellLost(error: unknown): void {
    if (!(error instanceof RecipeError)) throw error;
    this.#onError?.(error);
  }

  async #check(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await pause(this.#client, this.#checkMs, signal);
        await this.#look({ signal });
        if (this.#full.size === this.#queues.size && this.#latch.isLeader) await this.#addForFull({ signal });
      } catch (error) {
        if (signal.aborted) return;
        if (isSessionOver(this.#client, error)) return this.#onError?.(error);
        if (!isPassing(this.#client, error)) this.#onError?.(error);
      }
    }
  }

  /** Which there are, and how full. One is preferred again when it is half empty. */
  async #look(op: Op): Promise<void> {
    const { names } = await this.#client.children(this.path, op);
    for (const name of names) {
      const path = joinPath(this.path, name);
      this.#hold(path);
      const count = (await this.#client.exists(path, op))?.numChildren ?? 0;
      if (count >= this.#itemsMax) this.#full.add(path);
      else if (count <= this.#itemsMax / 2) this.#full.delete(path);
    }
  }

  async #addForFull(op: Op): Promise<void> {
    if (this.#queues.size < this.#shardsMax) return this.#add(op);
    this.#onError?.(
      new RangeError(`${this.path}: all shards are full, and there are ${this.#shardsMax} (shardsMax)`),
    );
  }

  async #add(op: Op): Promise<void> {
    const path = joinPath(this.path, `queue-${uuid(this.#client)}`);
    try {
      await createOnce(this.#client, path, '', op);
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
      await ensureFolder(this.#client, this.path, op);
      await createOnce(this.#client, path, '', op);
    }
    this.#hold(path);
  }

  #hold(path: string): void {
    if (this.#queues.has(path)) return;
    const queue = this.#open(path);
    this.#queues.set(path, queue);
    for (const begin of this.#consumers) begin(queue);
  }
}

/** What loops are ended with that nobody is to be told of. */
const STOPPED: Error = new Error('stopped');
