import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import { PersistenceError } from '../error.ts';
import { requireEntry } from '../entry.ts';
import { GroupSync } from '../group-sync.ts';
import type { LogEntry, LogEntryHandler, TxnLog } from '../txn-log.ts';
import type { MemoryEntry, MemoryMedium, MemorySegment } from './memory-medium.ts';

export class MemoryLog implements TxnLog {
  lastZxid: Zxid;
  readonly sinceRoll: { entries: number; bytes: number } = { entries: 0, bytes: 0 };
  readonly #medium: MemoryMedium;
  readonly #guard: () => void;
  readonly #group: GroupSync = new GroupSync(() => this.#flush());
  /** Appended and not yet durable; the first of a new segment says so. */
  #pending: { readonly entry: MemoryEntry; readonly beginsSegment: boolean }[] = [];
  #offset = 0;
  #rolled = true;

  constructor(medium: MemoryMedium, guard: () => void) {
    this.#medium = medium;
    this.#guard = guard;
    this.lastZxid = this.#lastDurable();
  }

  append(zxid: Zxid, bytes: Uint8Array): void {
    this.#requireSound();
    requireEntry(zxid, bytes, this.lastZxid);
    if (this.#rolled) this.#offset = 0;
    this.#pending.push({
      entry: { zxid, bytes: bytes.slice(), offset: this.#offset },
      beginsSegment: this.#rolled,
    });
    this.#rolled = false;
    this.#offset += bytes.length;
    this.lastZxid = zxid;
    this.sinceRoll.entries++;
    this.sinceRoll.bytes += bytes.length;
  }

  sync(): Promise<void> {
    return this.#group.sync();
  }

  roll(): void {
    this.#rolled = true;
    this.sinceRoll.entries = 0;
    this.sinceRoll.bytes = 0;
  }

  async read(after: Zxid, handler: LogEntryHandler): Promise<void> {
    this.#guard();
    const found: LogEntry[] = [];
    for (const { name, entries } of this.#medium.durable.segments) {
      for (const { zxid, bytes, offset } of entries) {
        if (zxid > after) found.push({ zxid, bytes: bytes.slice(), file: name, offset });
      }
    }
    for (const entry of found) await handler(entry);
  }

  async truncate(zxid: Zxid): Promise<void> {
    await this.sync();
    const { durable } = this.#medium;
    const kept: MemorySegment[] = durable.segments
      .map(({ name, entries }) => ({ name, entries: entries.filter((entry) => entry.zxid <= zxid) }))
      .filter(({ entries }) => entries.length > 0);
    if (zxid !== ZXID_NONE && kept.at(-1)?.entries.at(-1)?.zxid !== zxid) {
      throw new PersistenceError('NOT_FOUND', `no entry has zxid ${zxidToHex(zxid)}`);
    }
    durable.segments = kept;
    this.lastZxid = zxid;
    this.roll();
  }

  async purge(zxid: Zxid): Promise<readonly string[]> {
    this.#guard();
    const { durable } = this.#medium;
    const holding = durable.segments.findLastIndex(({ entries }) => entries[0]!.zxid <= zxid);
    return durable.segments.splice(0, Math.max(holding, 0)).map(({ name }) => name);
  }

  get durableBytes(): number {
    let total = 0;
    for (const { entries } of this.#medium.durable.segments)
      for (const { bytes } of entries) total += bytes.length;
    return total;
  }

  async close(): Promise<void> {
    if (!this.#group.failed) await this.sync();
  }

  async #flush(): Promise<void> {
    this.#guard();
    const batch = this.#pending;
    this.#pending = [];
    await this.#medium.beforeSync();
    this.#guard();
    const { segments } = this.#medium.durable;
    for (const { entry, beginsSegment } of batch) {
      if (beginsSegment) segments.push({ name: `log.${zxidToHex(entry.zxid)}`, entries: [entry] });
      else segments.at(-1)!.entries.push(entry);
    }
  }

  #requireSound(): void {
    this.#guard();
    if (this.#group.failed)
      throw new PersistenceError('CLOSED', 'a sync failed', { cause: this.#group.failure });
  }

  #lastDurable(): Zxid {
    return this.#medium.durable.segments.at(-1)?.entries.at(-1)?.zxid ?? ZXID_NONE;
  }
}
