import { type Client, NoWatcherError, type Seen, type Subscription } from '@corral/client';
import { ErrorCode, EventType, parentPath } from '@corral/protocol';
import type { ShownWatches, ShownWatchKind } from './command.ts';

/** Tells what the user watches. The type is of `EventType`, the path the user's, without chroot. */
export type ShowEvent = (type: number, path: string, zxid: number) => void;

/**
 * Which watches the user has left, and so which events are shown. What recipes and other commands watch on the same
 * session comes by here too, and is not shown.
 */
export class WatchTable implements ShownWatches {
  readonly #client: Client;
  readonly #show: ShowEvent;
  readonly #oneShots = { data: new Map<string, OneShot>(), children: new Map<string, OneShot>() };
  readonly #lasting = {
    persistent: new Map<string, Subscription>(),
    persistentRecursive: new Map<string, Subscription>(),
  };

  constructor(client: Client, show: ShowEvent) {
    this.#client = client;
    this.#show = show;
  }

  async leave<T>(kind: 'data' | 'children', path: string, read: () => Promise<Seen<T>>): Promise<T> {
    const table = this.#oneShots[kind];
    const before = table.get(path);
    const oneShot: OneShot = { seen: undefined };
    // Now, not behind the answer: the first event may come in the same packet.
    table.set(path, oneShot);
    try {
      const seen = await read();
      oneShot.seen = seen;
      // The end of the session is told by its state.
      seen.changed.catch(() => {});
      before?.seen?.forget();
      return seen.value;
    } catch (error) {
      if (table.get(path) === oneShot) table.delete(path);
      if (before !== undefined) table.set(path, before);
      throw error;
    }
  }

  async add(kind: 'persistent' | 'persistentRecursive', path: string): Promise<void> {
    const table = this.#lasting[kind];
    const recursive = kind === 'persistentRecursive';
    const subscription = await this.#client.subscribe(path, () => {}, { recursive });
    // The same again is one watch still, here as at the server.
    if (table.has(path)) await subscription.close();
    else table.set(path, subscription);
  }

  async remove(path: string, kind: ShownWatchKind | 'any'): Promise<void> {
    const kinds = ALL_KINDS.filter((one) => kind === 'any' || kind === one);
    const removed = new Set<number>();
    for (const one of kinds) if (await this.#removeOne(path, one)) removed.add(REMOVED[one]);
    if (removed.size === 0) throw new NoWatcherError(ErrorCode.NOWATCHER, 'removeWatches', path);
    for (const type of removed) this.#show(type, path, -1);
  }

  async #removeOne(path: string, kind: ShownWatchKind): Promise<boolean> {
    if (kind === 'data' || kind === 'children') {
      const oneShot = this.#oneShots[kind].get(path);
      this.#oneShots[kind].delete(path);
      await oneShot?.seen?.remove();
      return oneShot !== undefined;
    }
    await this.#lasting[kind].get(path)?.close();
    return this.#lasting[kind].delete(path);
  }

  /** What the server tells, before anybody else hears of it. */
  fired(type: number, serverPath: string, zxid: number): void {
    const path = this.#withoutRoot(serverPath);
    const { data, children } = this.#oneShots;
    // All of them are spent by it, so none may be left out.
    const isData = type !== EventType.NodeChildrenChanged && data.delete(path);
    const isChildren =
      (type === EventType.NodeChildrenChanged || type === EventType.NodeDeleted) && children.delete(path);
    if (isData || isChildren || this.#isLasting(type, path)) this.#show(type, path, zxid);
  }

  #isLasting(type: number, path: string): boolean {
    const { persistent, persistentRecursive } = this.#lasting;
    if (persistent.has(path)) return true;
    if (type === EventType.NodeChildrenChanged) return false;
    for (let at = path; ; at = parentPath(at)) {
      if (persistentRecursive.has(at)) return true;
      if (at === '/') return false;
    }
  }

  /** `/zookeeper/config` lies outside every chroot, and stays as it is. */
  #withoutRoot(serverPath: string): string {
    const { root } = this.#client;
    if (root === '/') return serverPath;
    if (serverPath === root) return '/';
    return serverPath.startsWith(`${root}/`) ? serverPath.slice(root.length) : serverPath;
  }
}

interface OneShot {
  seen: Seen<unknown> | undefined;
}

const ALL_KINDS = ['children', 'data', 'persistent', 'persistentRecursive'] as const;

const REMOVED: Readonly<Record<ShownWatchKind, number>> = {
  data: EventType.DataWatchRemoved,
  children: EventType.ChildWatchRemoved,
  persistent: EventType.PersistentWatchRemoved,
  persistentRecursive: EventType.PersistentWatchRemoved,
};
