import { type Acl, EventType, parentPath, WatcherType, type Zxid } from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import type { DataTree } from './data-tree.ts';
import { untilNow } from './until-now.ts';
import {
  ANY_CHILD,
  ANY_DATA,
  CHILD,
  CHILD_PERSISTENT,
  DATA,
  DATA_PERSISTENT,
  RECURSIVE,
  type WatchedPath,
  type Watcher,
  WatchTable,
} from './watch-table.ts';

/** The ways to watch. `data` is what getData and exists leave, `child` what getChildren leaves. */
export type WatchKind = 'data' | 'child' | 'persistent' | 'persistentRecursive';

/** One event for all who get it: encode it for the first of them and keep the bytes in `encoded` for the others. */
export class WatchEvent {
  /** An `EventType`. */
  readonly type: number;
  readonly path: string;
  /** -1 where none is known: what setWatches makes up for. */
  readonly zxid: number;
  /** Who may not READ by this list must not hear of it. Undefined asks nobody. */
  readonly acl: readonly Acl[] | undefined;
  /** For the host. */
  encoded: Uint8Array | undefined = undefined;

  constructor(type: number, path: string, zxid: number, acl: readonly Acl[] | undefined) {
    this.type = type;
    this.path = path;
    this.zxid = zxid;
    this.acl = acl;
  }
}

/** The paths of a setWatches or setWatches2. */
export interface WatchLists {
  readonly data: readonly (string | null)[];
  readonly exist: readonly (string | null)[];
  readonly child: readonly (string | null)[];
  readonly persistent: readonly (string | null)[];
  readonly persistentRecursive: readonly (string | null)[];
}

/**
 * The watches of one server (WatchManager, as of 3.9: modes on one path do not disturb each other). `W` is its
 * connection. A connection hears each change once, however many of its watches it meets.
 */
export class Watches<W extends object> implements ChangeObserver {
  readonly #deliver: (connection: W, event: WatchEvent) => void;
  readonly #triggered: (type: number, count: number) => void;
  readonly #table: WatchTable<W> = new WatchTable();
  /** Counts triggers, to tell who has been told of this one. */
  #trigger = 0;
  /** Who is to be told of the trigger at hand. */
  readonly #told: Watcher<W>[] = [];

  /**
   * @param deliver is told of each event, during `apply`. It must not change watches other than by removeAll.
   * @param triggered is told, for figures, of each `EventType` in one of Apache's tables and how many watch for it there
   */
  constructor(
    deliver: (connection: W, event: WatchEvent) => void,
    triggered: (type: number, count: number) => void = () => {},
  ) {
    this.#deliver = deliver;
    this.#triggered = triggered;
  }

  add(connection: W, path: string, kind: WatchKind): void {
    this.#table.add(connection, path, MODES[kind]);
  }

  /** @param type a `WatcherType` */
  has(connection: W, path: string, type: number): boolean {
    return (this.#table.modesOf(connection, path) & modesOfType(type)) !== 0;
  }

  /**
   * @param type a `WatcherType`
   * @returns false where there was none: NOWATCHER
   */
  remove(connection: W, path: string, type: number): boolean {
    const modes = modesOfType(type);
    const isThere = (this.#table.modesOf(connection, path) & modes) !== 0;
    if (isThere) this.#table.remove(connection, path, modes);
    return isThere;
  }

  /** The connection is gone. */
  removeAll(connection: W): void {
    this.#table.removeAll(connection);
  }

  /** setWatches: delivers what was missed since `relativeZxid` and registers the rest. Null paths are passed over. */
  restore(connection: W, tree: DataTree, relativeZxid: number, lists: WatchLists): void {
    for (const path of lists.data) {
      if (path === null) continue;
      const node = tree.find(path);
      if (node === 0) this.#replay(connection, EventType.NodeDeleted, path);
      else if (tree.mzxid(node) > relativeZxid) this.#replay(connection, EventType.NodeDataChanged, path);
      else this.#table.add(connection, path, DATA);
    }
    for (const path of lists.exist) {
      if (path === null) continue;
      if (tree.find(path) !== 0) this.#replay(connection, EventType.NodeCreated, path);
      else this.#table.add(connection, path, DATA);
    }
    for (const path of lists.child) {
      if (path === null) continue;
      const node = tree.find(path);
      if (node === 0) this.#replay(connection, EventType.NodeDeleted, path);
      else if (tree.pzxid(node) > relativeZxid) this.#replay(connection, EventType.NodeChildrenChanged, path);
      else this.#table.add(connection, path, CHILD);
    }
    for (const path of lists.persistent) if (path !== null) this.add(connection, path, 'persistent');
    for (const path of lists.persistentRecursive)
      if (path !== null) this.add(connection, path, 'persistentRecursive');
  }

  get isIdle(): boolean {
    return this.#table.paths.size === 0;
  }

  created(path: string, zxid: Zxid, acl: readonly Acl[], parentAcl: readonly Acl[]): void {
    if (this.isIdle) return;
    this.#begin();
    this.#tellData(EventType.NodeCreated, path);
    this.#send(EventType.NodeCreated, path, zxid, acl);
    this.#childrenChanged(path, zxid, parentAcl);
  }

  deleted(path: string, zxid: Zxid, acl: readonly Acl[], parentAcl: readonly Acl[]): void {
    if (this.isIdle) return;
    this.#begin();
    this.#tellData(EventType.NodeDeleted, path);
    this.#tellChild(EventType.NodeDeleted, path);
    this.#send(EventType.NodeDeleted, path, zxid, acl);
    this.#childrenChanged(path, zxid, parentAcl);
  }

  dataChanged(path: string, zxid: Zxid, acl: readonly Acl[]): void {
    if (this.isIdle) return;
    this.#begin();
    this.#tellData(EventType.NodeDataChanged, path);
    this.#send(EventType.NodeDataChanged, path, zxid, acl);
  }

  /** `zk_watch_count`: pairs of path and connection in both of Apache's tables. */
  get count(): number {
    return this.#table.dataCount + this.#table.childCount;
  }

  /** Paths that the connection watches. */
  countOf(connection: W): number {
    return this.#table.watchers.get(connection)?.pathCount ?? 0;
  }

  /** What `wchs` prints: of the data table alone, as in Apache. Costs nothing to ask for. */
  summary(): { readonly connections: number; readonly paths: number; readonly watches: number } {
    const { dataWatcherCount, dataPathCount, dataCount } = this.#table;
    return { connections: dataWatcherCount, paths: dataPathCount, watches: dataCount };
  }

  /**
   * What `wchc` prints: of the data table alone, in the order in which they came. May be walked step by step while
   * watches come and go: one that is there all the time is met once.
   */
  *byConnection(): Iterable<readonly [connection: W, paths: Iterable<string>]> {
    const { watchers } = this.#table;
    for (const [connection, watcher] of untilNow(watchers, watchers.size)) {
      if (watcher.dataCount > 0) yield [connection, dataPaths(watcher)];
    }
  }

  /** What `wchp` prints: as `byConnection`, by path. */
  *byPath(): Iterable<readonly [path: string, connections: Iterable<W>]> {
    const { paths } = this.#table;
    for (const [path, watched] of untilNow(paths, paths.size)) {
      if (watched.dataCount > 0) yield [path, dataConnections(watched)];
    }
  }

  #childrenChanged(path: string, zxid: Zxid, parentAcl: readonly Acl[]): void {
    const parent = parentPath(path);
    this.#begin();
    this.#tellChild(EventType.NodeChildrenChanged, parent);
    this.#send(EventType.NodeChildrenChanged, parent, zxid, parentAcl);
  }

  #begin(): void {
    this.#trigger++;
    this.#told.length = 0;
  }

  /** Everybody in the data table at `path`, and those who watch recursively from above. */
  #tellData(type: number, path: string): void {
    this.#tell(path, ANY_DATA, DATA);
    if (this.#table.recursiveCount > 0) {
      for (let at = path; at !== '/';) {
        at = parentPath(at);
        this.#tell(at, RECURSIVE, 0);
      }
    }
    if (this.#told.length > 0) this.#triggered(type, this.#told.length);
  }

  /** Everybody in the child table at `path`. */
  #tellChild(type: number, path: string): void {
    const count = this.#tell(path, ANY_CHILD, CHILD);
    if (count > 0) this.#triggered(type, count);
  }

  /** Marks those at `path` who have one of `modes`, and takes the `spent` ones away. Returns how many have. */
  #tell(path: string, modes: number, spent: number): number {
    const watched = this.#table.paths.get(path);
    if (watched === undefined) return 0;
    if (watched.many === undefined) {
      const { only } = watched;
      return only === undefined ? 0 : this.#tellOne(watched, only, watched.modes, modes, spent);
    }
    let count = 0;
    for (const [watcher, has] of watched.many.modes)
      count += this.#tellOne(watched, watcher, has, modes, spent);
    return count;
  }

  #tellOne(watched: WatchedPath<W>, watcher: Watcher<W>, has: number, modes: number, spent: number): number {
    if ((has & modes) === 0) return 0;
    if (watcher.trigger !== this.#trigger) {
      watcher.trigger = this.#trigger;
      this.#told.push(watcher);
    }
    this.#table.change(watched, watcher, has, has & ~spent);
    return 1;
  }

  #send(type: number, path: string, zxid: number, acl: readonly Acl[]): void {
    if (this.#told.length === 0) return;
    const event = new WatchEvent(type, path, zxid, acl);
    for (const watcher of this.#told) this.#deliver(watcher.connection, event);
    this.#told.length = 0;
  }

  #replay(connection: W, type: number, path: string): void {
    this.#deliver(connection, new WatchEvent(type, path, -1, undefined));
  }
}

function* dataPaths<W>(watcher: Watcher<W>): Iterable<string> {
  for (const watched of untilNow(watcher.paths, watcher.pathCount)) {
    if ((watched.modesOf(watcher) & ANY_DATA) !== 0) yield watched.path;
  }
}

function* dataConnections<W>(watched: WatchedPath<W>): Iterable<W> {
  const { only, many } = watched;
  if (many === undefined) {
    if (only !== undefined && watched.dataCount > 0) yield only.connection;
    return;
  }
  for (const [{ connection }, modes] of untilNow(many.modes, many.modes.size)) {
    if ((modes & ANY_DATA) !== 0) yield connection;
  }
}

const MODES: Readonly<Record<WatchKind, number>> = {
  data: DATA,
  child: CHILD,
  persistent: DATA_PERSISTENT | CHILD_PERSISTENT,
  persistentRecursive: RECURSIVE,
};

/** 0 for what is no `WatcherType`. */
function modesOfType(type: number): number {
  switch (type) {
    case WatcherType.Children:
      return CHILD;
    case WatcherType.Data:
      return DATA;
    case WatcherType.Persistent:
      return DATA_PERSISTENT | CHILD_PERSISTENT;
    case WatcherType.PersistentRecursive:
      return RECURSIVE;
    case WatcherType.Any:
      return ANY_DATA | ANY_CHILD;
    default:
      return 0;
  }
}
