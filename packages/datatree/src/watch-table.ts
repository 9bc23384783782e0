/** The ways in which one connection watches one path, as bits: Apache keeps two tables, data and child. */
export const DATA = 1;
export const DATA_PERSISTENT = 2;
/** In the data table alone: children come and go with events of their own. */
export const RECURSIVE = 4;
export const CHILD = 8;
export const CHILD_PERSISTENT = 16;

export const ANY_DATA: number = DATA | DATA_PERSISTENT | RECURSIVE;
export const ANY_CHILD: number = CHILD | CHILD_PERSISTENT;

/**
 * A connection that watches something, or has. Mostly that is one path after another, and a Set for it would be made
 * and filled anew for each.
 */
export class Watcher<W> {
  readonly connection: W;
  /** Of its paths, those in the data table. */
  dataCount = 0;
  /** The last trigger that it was told of, so that no connection hears one thing twice. */
  trigger = 0;
  #only: WatchedPath<W> | undefined = undefined;
  #many: Set<WatchedPath<W>> | undefined = undefined;

  constructor(connection: W) {
    this.connection = connection;
  }

  get pathCount(): number {
    if (this.#many !== undefined) return this.#many.size;
    return this.#only === undefined ? 0 : 1;
  }

  /** May be walked while paths come and go. */
  get paths(): Iterable<WatchedPath<W>> {
    return this.#many ?? (this.#only === undefined ? [] : [this.#only]);
  }

  /** @param watched is not among them */
  add(watched: WatchedPath<W>): void {
    if (this.#many !== undefined) this.#many.add(watched);
    else if (this.#only === undefined) this.#only = watched;
    else {
      this.#many = new Set([this.#only, watched]);
      this.#only = undefined;
    }
  }

  delete(watched: WatchedPath<W>): void {
    if (this.#only === watched) this.#only = undefined;
    else if (this.#many?.delete(watched) === true && this.#many.size === 0) this.#many = undefined;
  }
}

/** A path that somebody watches. Mostly that is one connection, and a map for it would weigh more than the watch. */
export class WatchedPath<W> {
  readonly path: string;
  only: Watcher<W> | undefined = undefined;
  modes = 0;
  many: ManyWatchers<W> | undefined = undefined;

  constructor(path: string) {
    this.path = path;
  }

  modesOf(watcher: Watcher<W>): number {
    if (this.many !== undefined) return this.many.modes.get(watcher) ?? 0;
    return this.only === watcher ? this.modes : 0;
  }

  /** Watchers in the data table. */
  get dataCount(): number {
    if (this.many !== undefined) return this.many.dataCount;
    return inData(this.modes);
  }
}

/** More than one has come to watch a path. */
export class ManyWatchers<W> {
  readonly modes: Map<Watcher<W>, number>;
  dataCount: number;

  constructor(first: Watcher<W>, modes: number) {
    this.modes = new Map([[first, modes]]);
    this.dataCount = inData(modes);
  }
}

/** Who watches what: by path for events, by connection for its end. Each path's text is held once. */
export class WatchTable<W extends object> {
  /** Pairs of path and connection in each of Apache's tables. */
  dataCount = 0;
  childCount = 0;
  recursiveCount = 0;
  /** Paths, and connections, in the data table. */
  dataPathCount = 0;
  dataWatcherCount = 0;
  readonly paths: Map<string, WatchedPath<W>> = new Map();
  /** Who has watched something; until `removeAll`, because who was told watches again. */
  readonly watchers: Map<W, Watcher<W>> = new Map();

  modesOf(connection: W, path: string): number {
    const watcher = this.watchers.get(connection);
    return watcher === undefined ? 0 : (this.paths.get(path)?.modesOf(watcher) ?? 0);
  }

  add(connection: W, path: string, modes: number): void {
    let watcher = this.watchers.get(connection);
    if (watcher === undefined) this.watchers.set(connection, (watcher = new Watcher(connection)));
    let watched = this.paths.get(path);
    if (watched === undefined) this.paths.set(path, (watched = new WatchedPath(path)));
    const before = watched.modesOf(watcher);
    this.#set(watched, watcher, before, before | modes);
  }

  remove(connection: W, path: string, modes: number): void {
    const watcher = this.watchers.get(connection);
    const watched = this.paths.get(path);
    if (watcher === undefined || watched === undefined) return;
    const before = watched.modesOf(watcher);
    this.change(watched, watcher, before, before & ~modes);
  }

  removeAll(connection: W): void {
    const watcher = this.watchers.get(connection);
    if (watcher === undefined) return;
    for (const watched of watcher.paths) this.change(watched, watcher, watched.modesOf(watcher), 0);
    this.watchers.delete(connection);
  }

  /** Sets the modes of a watcher that is there; with none left it goes, and the path with the last of them. */
  change(watched: WatchedPath<W>, watcher: Watcher<W>, before: number, after: number): void {
    if (after !== before) this.#set(watched, watcher, before, after);
  }

  #set(watched: WatchedPath<W>, watcher: Watcher<W>, before: number, after: number): void {
    this.#count(before, -1);
    this.#count(after, 1);
    const dataBefore = watched.dataCount;
    this.#countOf(watcher, before, after);
    if (before === 0 && after !== 0) watcher.add(watched);
    this.#write(watched, watcher, before, after);
    if (after === 0 && before !== 0) this.#forget(watched, watcher);
    this.dataPathCount += Math.sign(watched.dataCount) - Math.sign(dataBefore);
  }

  #write(watched: WatchedPath<W>, watcher: Watcher<W>, before: number, after: number): void {
    if (watched.many === undefined) {
      if (watched.only === undefined || watched.only === watcher) {
        watched.only = watcher;
        watched.modes = after;
        return;
      }
      watched.many = new ManyWatchers(watched.only, watched.modes);
      watched.only = undefined;
    }
    const { many } = watched;
    if (after === 0) many.modes.delete(watcher);
    else many.modes.set(watcher, after);
    many.dataCount += inData(after) - inData(before);
  }

  #forget(watched: WatchedPath<W>, watcher: Watcher<W>): void {
    watcher.delete(watched);
    if (watched.many === undefined || watched.many.modes.size === 0) this.paths.delete(watched.path);
  }

  #countOf(watcher: Watcher<W>, before: number, after: number): void {
    const dataBefore = watcher.dataCount;
    watcher.dataCount += inData(after) - inData(before);
    this.dataWatcherCount += Math.sign(watcher.dataCount) - Math.sign(dataBefore);
  }

  #count(modes: number, by: number): void {
    if ((modes & ANY_DATA) !== 0) this.dataCount += by;
    if ((modes & ANY_CHILD) !== 0) this.childCount += by;
    if ((modes & RECURSIVE) !== 0) this.recursiveCount += by;
  }
}

function inData(modes: number): number {
  return (modes & ANY_DATA) === 0 ? 0 : 1;
}
