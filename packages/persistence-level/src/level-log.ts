import {
  GroupSync,
  PersistenceError,
  requireEntry,
  type LogEntryHandler,
  type TxnLog,
} from '@corral/persistence';
import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import type { Database, Del, Put } from './database.ts';
import { EntryGroup, EntryGroupReader } from './entry-group.ts';
import { KIND, keyOf, packBytes, rangeOf, unpackBytes, zxidOfKey } from './records.ts';

/**
 * The log: a record for each group of entries, under the zxid of the last of them, and one synced batch for all that
 * has gathered.
 */
export class LevelLog implements TxnLog {
  lastZxid: Zxid;
  readonly sinceRoll: { entries: number; bytes: number } = { entries: 0, bytes: 0 };
  readonly #database: Database;
  readonly #group: GroupSync = new GroupSync(() => this.#flush());
  /** Appended and not yet handed to LevelDB: groups that are full, and the one being filled. */
  #full: Put[] = [];
  readonly #filling: EntryGroup = new EntryGroup();

  private constructor(database: Database, lastZxid: Zxid) {
    this.#database = database;
    this.lastZxid = lastZxid;
  }

  static async open(database: Database): Promise<LevelLog> {
    const [last] = await database.run(() =>
      database.level.keys({ ...rangeOf(KIND.entry), reverse: true, limit: 1 }).all(),
    );
    return new LevelLog(database, last === undefined ? ZXID_NONE : zxidOfKey(last, database.location));
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    this.#database.requireOpen();
    if (this.#group.failed)
      throw new PersistenceError('CLOSED', 'a sync failed', { cause: this.#group.failure });
    requireEntry(zxid, entry, this.lastZxid);
    if (this.#filling.isFullFor(entry)) this.#closeGroup();
    this.#filling.append(entry);
    this.lastZxid = zxid;
    this.sinceRoll.entries++;
    this.sinceRoll.bytes += entry.length;
  }

  sync(): Promise<void> {
    return this.#group.sync();
  }

  /** There are no files to begin anew: only the count starts again. */
  roll(): void {
    this.sinceRoll.entries = 0;
    this.sinceRoll.bytes = 0;
  }

  async read(after: Zxid, handler: LogEntryHandler): Promise<void> {
    const { level } = this.#database;
    this.#database.requireOpen();
    const range = { gt: keyOf(KIND.entry, after), lt: rangeOf(KIND.entry).lt };
    const iterator = level.iterator({ ...range, fillCache: false, highWaterMarkBytes: READ_BYTES });
    let previous = ZXID_NONE;
    try {
      for (;;) {
        const batch = await this.#database.run(() => iterator.nextv(READ_BATCH));
        if (batch.length === 0) return;
        for (const [key, value] of batch) {
          previous = await this.#readGroup(key, value, previous, after, handler);
        }
      }
    } finally {
      await iterator.close();
    }
  }

  /** Removes from the newest downwards, so that a crash in between leaves a log without a hole. */
  async truncate(zxid: Zxid): Promise<void> {
    await this.sync();
    if (zxid === ZXID_NONE) await this.#removeAbove(zxid);
    else {
      const { location } = this.#database;
      const holder = await this.#recordAt(zxid);
      if (holder === undefined) throw notFound(zxid, location);
      const [key, value] = holder;
      const last = zxidOfKey(key, location);
      const cut = last === zxid ? [] : cutTo(zxid, key, value, location);
      await this.#removeAbove(last);
      await this.#database.write(cut);
    }
    this.lastZxid = zxid;
    this.roll();
  }

  /**
   * Removes from the oldest upwards. The record that holds `zxid` stays, because the log may be truncated to it, and
   * the newest one always, because it says where the log ends.
   */
  async purge(zxid: Zxid): Promise<readonly string[]> {
    this.#database.requireOpen();
    const [newest] = await this.#database.run(() =>
      this.#database.level.keys({ ...rangeOf(KIND.entry), reverse: true, limit: 1 }).all(),
    );
    const entry = keyOf(KIND.entry, zxid);
    const lt = newest === undefined || Buffer.compare(entry, newest) < 0 ? entry : newest;
    const { gte } = rangeOf(KIND.entry);
    const removed = await removeRange(this.#database, { gte, lt }, false);
    if (removed === 0) return [];
    await this.#database.compact(gte, lt);
    return [`${removed} records of ${this.#database.location}`];
  }

  async close(): Promise<void> {
    if (!this.#group.failed) await this.sync();
    this.#group.fail(new PersistenceError('CLOSED', 'the storage is closed'));
    await this.#group.idle();
  }

  async #flush(): Promise<void> {
    if (!this.#filling.isEmpty) this.#closeGroup();
    const batch = this.#full;
    this.#full = [];
    await this.#database.write(batch);
  }

  /** Of what has been appended so far: `lastZxid` is in it. */
  #closeGroup(): void {
    const key = keyOf(KIND.entry, this.lastZxid);
    this.#full.push({ type: 'put', key, value: packBytes(key, this.#filling.content()) });
    this.#filling.clear();
  }

  /** @returns the zxid of the last entry: the next record must be above it */
  async #readGroup(
    key: Buffer,
    value: Buffer,
    previous: Zxid,
    after: Zxid,
    handler: LogEntryHandler,
  ): Promise<Zxid> {
    const { location } = this.#database;
    const last = zxidOfKey(key, location);
    const content = unpackBytes(key, value, location);
    const file = `${location}/${KIND.entry}.${zxidToHex(last)}`;
    const entries = new EntryGroupReader(key, content, { previous, last }, location);
    while (entries.next()) {
      const { zxid, start, end } = entries;
      if (zxid <= after) continue;
      const handled = handler({ zxid, bytes: content.subarray(start, end), file, offset: start });
      if (handled !== undefined) await handled;
    }
    return last;
  }

  async #removeAbove(zxid: Zxid): Promise<void> {
    await removeRange(this.#database, { gt: keyOf(KIND.entry, zxid), lt: rangeOf(KIND.entry).lt }, true);
  }

  /** The record in which an entry with this zxid would be. */
  async #recordAt(zxid: Zxid): Promise<[Buffer, Buffer] | undefined> {
    const range = { gte: keyOf(KIND.entry, zxid), lt: rangeOf(KIND.entry).lt, limit: 1 };
    const [found] = await this.#database.run(() => this.#database.level.iterator(range).all());
    return found;
  }
}

/** Replaces a record by its beginning up to `zxid`. */
function cutTo(zxid: Zxid, key: Buffer, value: Buffer, location: string): (Del | Put)[] {
  const content = unpackBytes(key, value, location);
  const last = zxidOfKey(key, location);
  const entries = new EntryGroupReader(key, content, { previous: ZXID_NONE, last }, location);
  while (entries.next() && entries.zxid < zxid);
  if (entries.zxid !== zxid) throw notFound(zxid, location);
  const cutKey = keyOf(KIND.entry, zxid);
  return [
    { type: 'del', key },
    { type: 'put', key: cutKey, value: packBytes(cutKey, content.subarray(0, entries.end)) },
  ];
}

function notFound(zxid: Zxid, location: string): PersistenceError {
  return new PersistenceError('NOT_FOUND', `no entry has zxid ${zxidToHex(zxid)}`, { file: location });
}

/** Deletes a range in synced batches, from one end to the other. Returns how many keys there were. */
export async function removeRange(
  database: Database,
  range: { readonly gt?: Buffer; readonly gte?: Buffer; readonly lt: Buffer },
  reverse: boolean,
): Promise<number> {
  let count = 0;
  for (;;) {
    const keys = await database.run(() =>
      database.level.keys({ ...range, reverse, limit: REMOVE_BATCH }).all(),
    );
    await database.write(keys.map((key): Del => ({ type: 'del', key })));
    count += keys.length;
    if (keys.length < REMOVE_BATCH) return count;
  }
}

const READ_BATCH = 1000;
const READ_BYTES = 1 << 20;
const REMOVE_BATCH = 100;
