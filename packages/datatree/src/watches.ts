import type { Acl, Zxid } from '@corral/protocol';
import type { ChangeObserver } from './change-observer.ts';
import type { DataTree } from './data-tree.ts';

/** The ways to watch. `data` serves exists too: one table in ZooKeeper. */
export type WatchKind = 'data' | 'child' | 'persistent' | 'persistentRecursive';

/** One event for all who get it: encode it for the first and keep the bytes in `encoded` for the others. */
export class WatchEvent {
  /** An `EventType`. */
  readonly type: number;
  readonly path: string;
  /** -1 where none is known: the replay of setWatches. */
  readonly zxid: number;
  /** Who may not read by this list must not hear of it; undefined asks nobody. */
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

/** The watches of one server. `W` is its connection. */
export class Watches<W extends object> implements ChangeObserver {
  constructor(_deliver: (watcher: W, event: WatchEvent) => void) {}

  add(_watcher: W, _path: string, _kind: WatchKind): void {
    throw new Error('unwritten');
  }
  /** @param type a `WatcherType` @returns false where there was none (NOWATCHER) */
  remove(_watcher: W, _path: string, _type: number): boolean {
    throw new Error('unwritten');
  }
  /** @param type a `WatcherType` */
  has(_watcher: W, _path: string, _type: number): boolean {
    throw new Error('unwritten');
  }
  /** The connection is gone. */
  removeAll(_watcher: W): void {
    throw new Error('unwritten');
  }
  /** setWatches: delivers what was missed since `relativeZxid`, registers the rest. */
  restore(
    _watcher: W,
    _tree: DataTree,
    _relativeZxid: number,
    _lists: {
      readonly data: readonly (string | null)[];
      readonly exist: readonly (string | null)[];
      readonly child: readonly (string | null)[];
      readonly persistent: readonly (string | null)[];
      readonly persistentRecursive: readonly (string | null)[];
    },
  ): void {
    throw new Error('unwritten');
  }

  created(_path: string, _zxid: Zxid, _acl: readonly Acl[], _parentAcl: readonly Acl[]): void {
    throw new Error('unwritten');
  }
  deleted(_path: string, _zxid: Zxid, _acl: readonly Acl[], _parentAcl: readonly Acl[]): void {
    throw new Error('unwritten');
  }
  dataChanged(_path: string, _zxid: Zxid, _acl: readonly Acl[]): void {
    throw new Error('unwritten');
  }

  /** `zk_watch_count`: both tables together. */
  get count(): number {
    throw new Error('unwritten');
  }
  countOf(_watcher: W): number {
    throw new Error('unwritten');
  }
  /** Of the data table, as `wchs` has it. */
  summary(): { readonly connections: number; readonly paths: number; readonly watches: number } {
    throw new Error('unwritten');
  }
  /** Of the data table: `wchc`. */
  byWatcher(): Map<W, string[]> {
    throw new Error('unwritten');
  }
  /** Of the data table: `wchp`. */
  byPath(): Map<string, W[]> {
    throw new Error('unwritten');
  }
}
