import { EventType, parentPath } from '@corral/protocol';

/** Paths of one SetWatches request, in UTF-16 units: far below a server's jute.maxbuffer (ClientCnxn). */
const BATCH_UNITS_MAX = 128 * 1024;

/** What a request that leaves a watch does once the server has it. */
export interface WatchRegistration {
  register(): void;
  /** The node is not there: the watch waits for its creation. */
  registerAbsent(): void;
}

/** Who wants the events of one watch. Calls must not throw. */
export interface Watcher {
  fire(eventType: number, serverPath: string, zxid: number): void;
  /** Events may have been missed. */
  resync(): void;
  /** No event will ever come. */
  fail(reason: Error): void;
}

export type OneShotKind = 'data' | 'exist' | 'child';
export type PersistentKind = 'persistent' | 'recursive';

/** The paths of one SetWatches2 request. */
export interface WatchBatch {
  readonly data: string[];
  readonly exist: string[];
  readonly child: string[];
  readonly persistent: string[];
  readonly recursive: string[];
}

/** The watches that the server holds for us, by the server's paths, to be set again at the next connection. */
export class WatchRegistry {
  readonly #tables: Readonly<Record<OneShotKind | PersistentKind, Map<string, Set<Watcher>>>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  };
  /** Requests that will leave a watch and are not answered, by kind and path: the server may have it already. */
  readonly #expected = new Map<string, number>();

  add(kind: OneShotKind | PersistentKind, serverPath: string, watcher: Watcher): void {
    const table = this.#tables[kind];
    const watchers = table.get(serverPath);
    if (watchers === undefined) table.set(serverPath, new Set([watcher]));
    else watchers.add(watcher);
  }

  /**
   * A request that leaves such a watch is about to be sent. Until it is over the server must not be told to forget
   * watches of this kind and path: the one that is taken away might be the one that was just set.
   */
  expect(kind: OneShotKind | PersistentKind, serverPath: string): { isOver(): void } {
    const key = `${kind} ${serverPath}`;
    this.#expected.set(key, (this.#expected.get(key) ?? 0) + 1);
    return {
      isOver: () => {
        const left = this.#expected.get(key)! - 1;
        if (left === 0) this.#expected.delete(key);
        else this.#expected.set(key, left);
      },
    };
  }

  /** @returns whether the server may forget the watch too: nobody here wants this kind of this path any more */
  remove(kind: OneShotKind | PersistentKind, serverPath: string, watcher: Watcher): boolean {
    const table = this.#tables[kind];
    const watchers = table.get(serverPath);
    if (watchers === undefined || !watchers.delete(watcher)) return false;
    if (watchers.size > 0) return false;
    table.delete(serverPath);
    return !this.#expected.has(`${kind} ${serverPath}`);
  }

  /** Whether somebody wants this kind, or may soon. */
  has(kind: OneShotKind | PersistentKind, serverPath: string): boolean {
    return this.#tables[kind].has(serverPath) || this.#expected.has(`${kind} ${serverPath}`);
  }

  /** Whether there is one of any kind, or may soon be. */
  hasAny(serverPath: string): boolean {
    return KINDS.some((kind) => this.has(kind, serverPath));
  }

  get size(): number {
    return Object.values(this.#tables).reduce((sum, table) => sum + table.size, 0);
  }

  /** Hands an event to everybody it concerns, once each; one-shot watches are over then. */
  fire(eventType: number, serverPath: string, zxid: number): void {
    const { data, exist, child, persistent, recursive } = this.#tables;
    const watchers = new Set<Watcher>();
    switch (eventType) {
      case EventType.NodeCreated:
      case EventType.NodeDataChanged:
        take(data, serverPath, watchers);
        take(exist, serverPath, watchers);
        break;
      case EventType.NodeChildrenChanged:
        take(child, serverPath, watchers);
        break;
      case EventType.NodeDeleted:
        take(data, serverPath, watchers);
        take(exist, serverPath, watchers);
        take(child, serverPath, watchers);
        break;
      default:
        return;
    }
    addAll(persistent.get(serverPath), watchers);
    if (recursive.size > 0 && eventType !== EventType.NodeChildrenChanged)
      for (let path = serverPath; ; path = parentPath(path)) {
        addAll(recursive.get(path), watchers);
        if (path === '/') break;
      }
    for (const watcher of watchers) watcher.fire(eventType, serverPath, zxid);
  }

  /** Everything there is, cut into requests of a bounded size. */
  batches(): WatchBatch[] {
    const batches: WatchBatch[] = [];
    let batch = emptyBatch();
    let units = 0;
    for (const kind of KINDS)
      for (const path of this.#tables[kind].keys()) {
        if (units > 0 && units + path.length > BATCH_UNITS_MAX) {
          batches.push(batch);
          batch = emptyBatch();
          units = 0;
        }
        batch[kind].push(path);
        units += path.length;
      }
    if (units > 0) batches.push(batch);
    return batches;
  }

  /** Those that outlive their events; the server does not replay what they missed. */
  lasting(): Watcher[] {
    const { persistent, recursive } = this.#tables;
    return [...watchersOf(persistent), ...watchersOf(recursive)];
  }

  /** The session is lost and another follows: one-shot watches are spent, for nobody knows what they missed. */
  spendOneShots(): void {
    for (const kind of ['data', 'exist', 'child'] as const) {
      const watchers = watchersOf(this.#tables[kind]);
      this.#tables[kind].clear();
      for (const watcher of watchers) watcher.resync();
    }
  }

  failAll(reason: Error): void {
    for (const table of Object.values(this.#tables)) {
      const watchers = watchersOf(table);
      table.clear();
      for (const watcher of watchers) watcher.fail(reason);
    }
  }
}

function take(table: Map<string, Set<Watcher>>, path: string, into: Set<Watcher>): void {
  addAll(table.get(path), into);
  table.delete(path);
}

function watchersOf(table: ReadonlyMap<string, ReadonlySet<Watcher>>): Watcher[] {
  const watchers: Watcher[] = [];
  for (const set of table.values()) watchers.push(...set);
  return watchers;
}

function addAll(watchers: ReadonlySet<Watcher> | undefined, into: Set<Watcher>): void {
  if (watchers !== undefined) for (const watcher of watchers) into.add(watcher);
}

function emptyBatch(): WatchBatch {
  return { data: [], exist: [], child: [], persistent: [], recursive: [] };
}

const KINDS = ['data', 'exist', 'child', 'persistent', 'recursive'] as const;
