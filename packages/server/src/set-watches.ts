import type { DataTree } from '@corral/datatree';
import { JuteReader } from '@corral/jute';
import { ErrorCode, OpCode } from '@corral/protocol';
import type { Clock } from '@corral/runtime';
import { type ClientConnection, Phase } from './connection.ts';
import type { Watching } from './watching.ts';

/** What `begin` answers where the work goes on in later turns. No `ErrorCode` is above 0. */
export const PENDING = 1;

/**
 * setWatches and setWatches2: a client that comes back tells what it watched, and hears what it missed. A request may
 * name hundreds of thousands of paths; beyond a slice of them it is worked off over many turns, while others are
 * served and this connection's later requests wait. Each path is judged by the tree at the moment it is looked at.
 */
export class SetWatchesWork {
  readonly #tree: DataTree;
  readonly #watching: Watching;
  readonly #clock: Clock;

  constructor(tree: DataTree, watching: Watching, clock: Clock) {
    this.#tree = tree;
    this.#watching = watching;
    this.#clock = clock;
  }

  /**
   * Looks at the whole request first, so that one that cannot be read changes nothing.
   *
   * @param done called once where the answer is `PENDING`, when all is restored; never when the connection ends first
   * @throws JuteError where the bytes hold no such request
   */
  begin(connection: ClientConnection, type: number, r: JuteReader, done: () => void): number {
    const bodyAt = r.offset;
    const listCount = type === OpCode.setWatches2 ? LISTS.length : LISTS_BEFORE_PERSISTENT;
    const total = countPaths(r, listCount);
    if (total < 0) return ErrorCode.MARSHALLINGERROR;
    if (this.#watching.isFull(connection, total)) return ErrorCode.QUOTAEXCEEDED;
    const isLong = total > SLICE_PATHS;
    const bytes = isLong ? r.bytes.slice(bodyAt, r.offset) : r.bytes;
    const lists = new PathLists(new JuteReader().reset(bytes, isLong ? 0 : bodyAt), listCount);
    if (!isLong) {
      while (this.#restoreSlice(connection, lists));
      return ErrorCode.OK;
    }
    const slice = (): void => {
      if (connection.phase !== Phase.open) return;
      if (this.#restoreSlice(connection, lists)) {
        connection.port.flush();
        this.#clock.defer(slice);
      } else done();
    };
    this.#clock.defer(slice);
    return PENDING;
  }

  /** False when there was nothing left. */
  #restoreSlice(connection: ClientConnection, lists: PathLists): boolean {
    const paths = lists.next(SLICE_PATHS);
    if (paths === undefined) return false;
    this.#watching.watches.restore(connection, this.#tree, lists.relativeZxid, {
      ...NO_LISTS,
      [LISTS[lists.current]!]: paths,
    });
    return true;
  }
}

/** How many paths the lists hold together; -1 where a list or a path is null. Leaves the reader behind them. */
function countPaths(r: JuteReader, listCount: number): number {
  r.readLongSaturated();
  let total = 0;
  for (let list = 0; list < listCount; list++) {
    const count = r.readCount(4);
    if (count < 0) return -1;
    for (let i = 0; i < count; i++) {
      const length = r.readLength();
      if (length < 0) return -1;
      r.skip(length);
    }
    total += count;
  }
  return total;
}

/** Reads the lists bit by bit. */
class PathLists {
  readonly relativeZxid: number;
  /** The list that the paths last given out stand in. */
  current = -1;
  readonly #r: JuteReader;
  readonly #listCount: number;
  #left = 0;

  constructor(r: JuteReader, listCount: number) {
    this.#r = r;
    this.#listCount = listCount;
    this.relativeZxid = r.readLongSaturated();
  }

  /** The next paths, at most `max` of one list. */
  next(max: number): string[] | undefined {
    while (this.#left === 0) {
      if (++this.current === this.#listCount) return undefined;
      this.#left = this.#r.readCount(4);
    }
    const paths: string[] = [];
    for (; this.#left > 0 && paths.length < max; this.#left--) paths.push(this.#r.readString() ?? '');
    return paths;
  }
}

const LISTS = ['data', 'exist', 'child', 'persistent', 'persistentRecursive'] as const;
/** setWatches (before 3.6) ends with the child watches. */
const LISTS_BEFORE_PERSISTENT = 3;
const NO_LISTS = { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] } as const;
/** Paths looked at in one turn: a millisecond or two. */
const SLICE_PATHS = 2000;
