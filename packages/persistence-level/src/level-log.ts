import {
  GroupSync,
  PersistenceError,
  requireEntry,
  type LogEntryHandler,
  type TxnLog,
} from '@corral/persistence';
import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import type { Database, Del, Put } from './database.ts';
import { damagedRecord, KIND, keyOf, packRecord, rangeOf, unpackRecord, zxidOfKey } from './records.ts';

/** The log: one record per entry, one synced batch per group. */
export class LevelLog implements TxnLog {
  lastZxid: Zxid;
  readonly sinceRoll: { entries: number; bytes: number } = { entries: 0, bytes: 0 };
  readonly #database: Database;
  readonly #group: GroupSync = new GroupSync(() => this.#flush());
  #pending: Put[] = [];

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
    const key = keyOf(KIND.entry, zxid);
    this.#pending.push({ type: 'put', key, value: packRecord(key, entry) });
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
    const { location, level } = this.#database;
    this.#database.requireOpen();
    const range = { gt: keyOf(KIND.entry, after), lt: rangeOf(KIND.entry).lt, fillCache: false };
    const iterator = level.iterator(range);
    try {
      for (;;) {
        const batch = await this.#database.run(() => iterator.nextv(READ_BATCH));
        if (batch.length === 0) return;
        for (const [key, value] of batch) {
          const bytes = unpackRecord(key, value, location);
          if (!(bytes instanceof Uint8Array)) throw damagedRecord(key, location, 'not an entry');
          const zxid = zxidOfKey(key, location);
          await handler({ zxid, bytes, file: `${location}/${KIND.entry}.${zxidToHex(zxid)}`, offset: 0 });
        }
      }
    } finally {
      await iterator.close();
    }
  }

  /** Removes from the newest downwards, so that a crash in between leaves a log without a hole. */
  async truncate(zxid: Zxid): Promise<void> {
    await this.sync();
    if (zxid !== ZXID_NONE && (await this.#database.get(keyOf(KIND.entry, zxid))) === undefined) {
      throw new PersistenceError('NOT_FOUND', `no entry has zxid ${zxidToHex(zxid)}`, {
        file: this.#database.location,
      });
    }
    await removeRange(this.#database, { gt: keyOf(KIND.entry, zxid), lt: rangeOf(KIND.entry).lt }, true);
    this.lastZxid = zxid;
    this.roll();
  }

  /**
   * Removes from the oldest upwards. The entry of `zxid` itself stays, because a log may be truncated to it, and the
   * newest one always, because it says where the log ends.
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
    return [`${removed} entries of ${this.#database.location}`];
  }

  async close(): Promise<void> {
    if (!this.#group.failed) await this.sync();
    this.#group.fail(new PersistenceError('CLOSED', 'the storage is closed'));
    await this.#group.idle();
  }

  async #flush(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    await this.#database.write(batch);
  }
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
const REMOVE_BATCH = 1000;
