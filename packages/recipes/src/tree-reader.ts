import { type Client, type Codec, NoAuthError, NoNodeError, type Op, type WatchEvent } from '@corral/client';
import { until } from './abort.ts';
import type { CachedNode } from './cache.ts';
import { joinPath } from './node-path.ts';
import { isPassing, isSessionOver } from './outcome.ts';

export interface TreeReaderOptions<T> {
  readonly codec: Codec<T>;
  /** How far below the root nodes are read: 0 to 0 is the root alone, 1 to 1 its children without it. */
  readonly depthMin: number;
  readonly depthMax: number;
  readonly isWanted: (path: string) => boolean;
  readonly onNode: (node: CachedNode<T>) => void;
  readonly onAbsent: (path: string) => void;
  /** All paths that have been told of by `onNode` and not by `onAbsent`. */
  readonly held: () => Iterable<string>;
  readonly onError: (error: unknown, path: string) => void;
  readonly onEnd: (reason: unknown) => void;
}

/**
 * Reads what its watch says has changed, and everything when something may have been missed. An event is never believed by
 * itself: it only marks a path to be read, one read of a path at a time, so that what was read last is what came last.
 */
export class TreeReader<T> {
  readonly #client: Client;
  readonly #root: string;
  readonly #options: TreeReaderOptions<T>;
  /** To be read; true: with all below. */
  readonly #due = new Map<string, boolean>();
  /** Being read; what came meanwhile: to be read again, with all below or not. */
  readonly #reading = new Map<string, boolean | undefined>();
  /** Being read, or to be, with all below. When none is left the whole tree has been read. */
  readonly #deep = new Set<string>();
  /** Seen since the reading of the whole tree began. */
  readonly #seen = new Set<string>();
  #isLoading = false;
  #hasFailed = false;
  #retry: { cancel(): void } | undefined = undefined;
  #watch: { close(): Promise<void> } | undefined = undefined;
  #end: { readonly reason: unknown } | undefined = undefined;
  readonly #loaded = Promise.withResolvers<void>();

  constructor(client: Client, root: string, options: TreeReaderOptions<T>) {
    this.#client = client;
    this.#root = root;
    this.#options = options;
    this.#loaded.promise.catch(doNothing);
  }

  get isFresh(): boolean {
    return this.#client.state === 'connected' && !this.#isLoading && this.#end === undefined;
  }

  /** Sets the watch, then reads everything. */
  async begin(op: Op): Promise<void> {
    const subscribing = this.#client.subscribe(this.#root, (event) => this.#take(event), {
      recursive: this.#options.depthMax > 0,
      onEnd: (reason) => this.end(reason),
    });
    // Where the wait is given up the watch may come all the same.
    subscribing.then((watch) => this.#hold(watch)).catch(doNothing);
    await until(op.signal, subscribing);
    this.#load();
    await until(op.signal, this.#loaded.promise);
  }

  #hold(watch: { close(): Promise<void> }): Promise<void> | undefined {
    this.#watch = watch;
    return this.#end === undefined ? undefined : watch.close();
  }

  /** Follows no more, for this reason. */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    this.#retry?.cancel();
    this.#due.clear();
    this.#loaded.reject(reason);
    this.#options.onEnd(reason);
    this.#watch?.close().catch(doNothing);
  }

  async close(): Promise<void> {
    this.end(undefined);
    await this.#watch?.close();
  }

  #take(event: WatchEvent): void {
    if (event.type === 'resync') this.#load();
    else if (event.type !== 'childrenChanged' && this.#isWanted(event.path)) this.#mark(event.path, false);
  }

  #load(): void {
    if (this.#end !== undefined) return;
    this.#isLoading = true;
    this.#hasFailed = false;
    this.#seen.clear();
    this.#mark(this.#root, true);
  }

  #mark(path: string, isDeep: boolean): void {
    if (this.#end !== undefined) return;
    if (isDeep) this.#deep.add(path);
    if (this.#reading.has(path)) this.#reading.set(path, this.#reading.get(path) === true || isDeep);
    else this.#due.set(path, this.#due.get(path) === true || isDeep);
    this.#pump();
  }

  #pump(): void {
    for (const [path, isDeep] of this.#due) {
      if (this.#reading.size >= READS_MAX) return;
      this.#due.delete(path);
      this.#reading.set(path, undefined);
      void this.#read(path, isDeep);
    }
  }

  async #read(path: string, isDeep: boolean): Promise<void> {
    const names = await this.#readNode(path, isDeep);
    for (const name of names) {
      const child = joinPath(path, name);
      if (this.#isWanted(child)) this.#mark(child, true);
    }
    const again = this.#reading.get(path);
    this.#reading.delete(path);
    if (isDeep && again !== true) this.#deep.delete(path);
    if (again !== undefined) this.#mark(path, again);
    else this.#pump();
    if (this.#isLoading && this.#deep.size === 0) this.#finishLoad();
  }

  /** @returns the names of the children to be read */
  async #readNode(path: string, isDeep: boolean): Promise<readonly string[]> {
    const depth = this.#depthOf(path);
    // Sent together: that the children are of another node than the data, an event says.
    const reading =
      depth < this.#options.depthMin ? undefined : this.#client.tryGet(path, this.#options.codec);
    const listing = isDeep && depth < this.#options.depthMax ? this.#client.children(path) : undefined;
    const [node, children] = await Promise.allSettled([reading, listing]);
    if (this.#end !== undefined) return [];
    if (node.status === 'rejected') this.#fail(node.reason, path);
    else if (node.value === null) this.#options.onAbsent(path);
    else if (node.value !== undefined) {
      this.#seen.add(path);
      this.#options.onNode({ path, ...node.value });
    }
    if (children.status === 'fulfilled') return children.value?.names ?? [];
    // What it is not ours to read, or is gone, has no children for us.
    if (!(children.reason instanceof NoNodeError || children.reason instanceof NoAuthError))
      this.#fail(children.reason, path);
    return [];
  }

  #fail(error: unknown, path: string): void {
    if (isSessionOver(this.#client, error)) return this.end(error);
    if (isPassing(this.#client, error)) {
      this.#hasFailed = true;
      this.#retry ??= this.#client.clock.after(RETRY_MS, () => {
        this.#retry = undefined;
        this.#load();
      });
      return;
    }
    this.#options.onAbsent(path);
    this.#options.onError(error, path);
  }

  /** What was held and has not been seen is gone. */
  #finishLoad(): void {
    if (this.#hasFailed || this.#end !== undefined) return;
    this.#isLoading = false;
    for (const path of Array.from(this.#options.held()))
      if (!this.#seen.has(path)) this.#options.onAbsent(path);
    this.#seen.clear();
    this.#loaded.resolve();
  }

  #isWanted(path: string): boolean {
    return this.#depthOf(path) <= this.#options.depthMax && this.#options.isWanted(path);
  }

  #depthOf(path: string): number {
    if (path === this.#root) return 0;
    const below = this.#root === '/' ? path : path.slice(this.#root.length);
    return below.split('/').length - 1;
  }
}

function doNothing(): void {}

/** In flight at once, so that a large tree does not fill the client's queue. */
const READS_MAX = 256;
const RETRY_MS = 1000;
