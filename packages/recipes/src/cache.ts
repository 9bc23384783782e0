import { bytes, type Client, type Codec, type Op, type Stat } from '@corral/client';
import { EventSource } from './event-stream.ts';
import { RecipeError } from './recipe-error.ts';
import { TreeReader } from './tree-reader.ts';
import { type WaitOptions, within } from './wait.ts';

export interface CacheOptions<T = Uint8Array> extends WaitOptions {
  /** What the data of the nodes is. Default: the bytes. */
  readonly codec?: Codec<T>;
  /** False leaves a node out, with all below it. */
  readonly filter?: (path: string) => boolean;
  /** More nodes than that end the cache with `FULL`. Default 1,000,000. */
  readonly nodesMax?: number;
  /** A node could not be read, and is left out: its data is not what the codec takes, or it is not ours to read. */
  readonly onError?: (error: unknown, path: string) => void;
}

export interface CachedNode<T = Uint8Array> {
  readonly path: string;
  readonly data: T;
  /** As it was when the data was read: `numChildren`, `cversion` and `pzxid` may have moved on. */
  readonly stat: Stat;
}

export type CacheEvent<T = Uint8Array> =
  | { readonly type: 'created'; readonly node: CachedNode<T> }
  | { readonly type: 'changed'; readonly node: CachedNode<T>; readonly previous: CachedNode<T> }
  | { readonly type: 'deleted'; readonly previous: CachedNode<T> }
  /** More happened than this reader took: what it made of earlier events is to be made anew from the cache. */
  | { readonly type: 'reset' };

/** Curator's CuratorCache and TreeCache: a node and everything below it. Resolves when all was read once. */
export function treeCache(client: Client, path: string, options?: CacheOptions): Promise<Cache>;
export function treeCache<T>(
  client: Client,
  path: string,
  options: CacheOptions<T> & { readonly codec: Codec<T> },
): Promise<Cache<T>>;
export function treeCache<T>(client: Client, path: string, options: CacheOptions<T> = {}): Promise<Cache<T>> {
  return open(client, path, options, 0, Number.POSITIVE_INFINITY);
}

/** Curator's PathChildrenCache: the children of a node, without it. */
export function childrenCache(client: Client, path: string, options?: CacheOptions): Promise<Cache>;
export function childrenCache<T>(
  client: Client,
  path: string,
  options: CacheOptions<T> & { readonly codec: Codec<T> },
): Promise<Cache<T>>;
export function childrenCache<T>(
  client: Client,
  path: string,
  options: CacheOptions<T> = {},
): Promise<Cache<T>> {
  return open(client, path, options, 1, 1);
}

/** Curator's NodeCache: one node, there or not. */
export function nodeCache(client: Client, path: string, options?: CacheOptions): Promise<Cache>;
export function nodeCache<T>(
  client: Client,
  path: string,
  options: CacheOptions<T> & { readonly codec: Codec<T> },
): Promise<Cache<T>>;
export function nodeCache<T>(client: Client, path: string, options: CacheOptions<T> = {}): Promise<Cache<T>> {
  return open(client, path, options, 0, 0);
}

async function open<T>(
  client: Client,
  path: string,
  options: CacheOptions<T>,
  depthMin: number,
  depthMax: number,
): Promise<Cache<T>> {
  const cache = new Cache<T>(client, path, options, depthMin, depthMax);
  try {
    await within(client, path, options, (op) => cache.begin(op));
    return cache;
  } catch (error) {
    await cache.close();
    throw error;
  }
}

/**
 * What is below a node, as it was a moment ago: kept by one persistent watch (from 3.6 on). What happened while the connection
 * was away is read again when it is back, and told as the difference. Intermediate states may be skipped, the last never is.
 */
export class Cache<T = Uint8Array> implements AsyncDisposable {
  readonly path: string;
  readonly #nodes = new Map<string, CachedNode<T>>();
  readonly #names = new Map<string, Set<string>>();
  readonly #events = new EventSource<CacheEvent<T>>();
  readonly #reader: TreeReader<T>;
  readonly #nodesMax: number;
  readonly #onError: ((error: unknown, path: string) => void) | undefined;

  /** @param depthMin, depthMax how far below `path` a node is to be held */
  constructor(client: Client, path: string, options: CacheOptions<T>, depthMin: number, depthMax: number) {
    this.path = path;
    this.#nodesMax = options.nodesMax ?? NODES_MAX;
    this.#onError = options.onError;
    this.#reader = new TreeReader<T>(client, path, {
      codec: options.codec ?? (bytes as unknown as Codec<T>),
      depthMin,
      depthMax,
      isWanted: options.filter ?? always,
      onNode: (node) => this.#put(node),
      onAbsent: (absent) => this.#remove(absent),
      held: () => this.#nodes.keys(),
      onError: (error, at) => options.onError?.(error, at),
      onEnd: (reason) => this.#events.end(reason),
    });
  }

  /** For whoever opens it. */
  begin(op: Op): Promise<void> {
    return this.#reader.begin(op);
  }

  /** Nothing is known to have been missed: the connection stands, and what had to be read was read. */
  get isFresh(): boolean {
    return this.#reader.isFresh;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(path: string = this.path): CachedNode<T> | undefined {
    return this.#nodes.get(path);
  }

  /** The names of the children that are held, in no order. */
  children(path: string = this.path): string[] {
    return [...(this.#names.get(path) ?? [])];
  }

  nodes(): IterableIterator<CachedNode<T>> {
    return this.#nodes.values();
  }

  /** Calls for each change from now on, in order. @returns how to stop */
  onChange(listener: (event: CacheEvent<T>) => void): () => void {
    return this.#events.listen(listener);
  }

  /** The same as a loop, which ends with the cache, and rejects when the session ends. */
  changes(op: Op = {}): AsyncIterableIterator<CacheEvent<T>> {
    return this.#events.stream({ type: 'reset' }, op);
  }

  /** Holds on to what it has, and follows it no more. */
  async close(): Promise<void> {
    this.#events.end();
    await this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #put(node: CachedNode<T>): void {
    const { path } = node;
    const previous = this.#nodes.get(path);
    if (previous === undefined && this.#nodes.size >= this.#nodesMax) {
      const reason = new RecipeError('FULL', this.path, `more than ${this.#nodesMax} nodes (nodesMax)`);
      this.#onError?.(reason, path);
      return this.#reader.end(reason);
    }
    if (previous !== undefined && previous.stat.czxid !== node.stat.czxid) this.#remove(path);
    this.#nodes.set(path, node);
    if (previous === undefined || previous.stat.czxid !== node.stat.czxid) {
      this.#nameIn(path, (names, name) => names.add(name));
      this.#events.tell({ type: 'created', node });
    } else if (previous.stat.mzxid !== node.stat.mzxid) {
      this.#events.tell({ type: 'changed', node, previous });
    }
  }

  #remove(path: string): void {
    const previous = this.#nodes.get(path);
    if (previous === undefined) return;
    this.#nodes.delete(path);
    this.#nameIn(path, (names, name) => names.delete(name));
    this.#events.tell({ type: 'deleted', previous });
  }

  #nameIn(path: string, change: (names: Set<string>, name: string) => void): void {
    const end = path.lastIndexOf('/');
    const parent = path.slice(0, end) || '/';
    const names = this.#names.get(parent) ?? new Set<string>();
    change(names, path.slice(end + 1));
    if (names.size > 0) this.#names.set(parent, names);
    else this.#names.delete(parent);
  }
}

function always(): boolean {
  return true;
}

const NODES_MAX = 1_000_000;
