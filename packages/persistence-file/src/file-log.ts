import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import {
  GroupSync,
  PersistenceError,
  requireEntry,
  type LogEntryHandler,
  type TxnLog,
} from '@corral/persistence';
import { logName } from './file-names.ts';
import { LogFileWriter } from './log-file-writer.ts';
import { findTruncation, readLog, type LogFileToRead, type TruncationPoint } from './log-reader.ts';
import type { RecoveredLog } from './log-recovery.ts';
import { RecordBuffer } from './record-buffer.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';
import { SyncedMark, type SyncedTo } from './synced-mark.ts';

/** The log in Apache's files (Java: FileTxnLog). */
export class FileLog implements TxnLog {
  lastZxid: Zxid;
  /** The last one that `read` hands out. */
  #durableLast: Zxid;
  readonly sinceRoll: { entries: number; bytes: number } = { entries: 0, bytes: 0 };
  readonly #settings: Settings;
  readonly #mark: SyncedMark;
  readonly #group: GroupSync = new GroupSync(() => this.#flush());
  /** First zxids of the files on disk, ascending. The last is that of `#writer` while there is one. */
  readonly #files: Zxid[];
  /** Where the newest file ended when it was opened; what is behind has been looked at. */
  #found: SyncedTo | undefined;
  /** How far the file before that was synced, where that is known. */
  #before: SyncedTo | undefined;
  /** The newest file, when it was begun since opening. A file that was found is never written to. */
  #writer: LogFileWriter | undefined;
  /** Records appended and not yet handed to the disk, and the ones being written just now. */
  #filling: RecordBuffer = new RecordBuffer();
  #writing: RecordBuffer = new RecordBuffer();
  /** Where in `#filling` a new file begins, and its name. Mostly empty. */
  #beginnings: Beginning[] = [];
  #isRolled = true;

  constructor(settings: Settings, recovered: RecoveredLog) {
    this.#settings = settings;
    this.#mark = new SyncedMark(settings, recovered.end);
    this.#files = recovered.files;
    this.#found = recovered.end;
    this.#before = recovered.before;
    this.lastZxid = recovered.lastZxid;
    this.#durableLast = recovered.lastZxid;
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    this.#requireSound();
    requireEntry(zxid, entry, this.lastZxid);
    if (entry.length > this.#settings.entryBytesMax)
      throw new RangeError(`an entry of ${entry.length} bytes`);
    if (this.#isRolled) this.#beginnings.push({ at: this.#filling.length, first: zxid });
    this.#isRolled = false;
    this.#filling.append(entry);
    this.lastZxid = zxid;
    this.sinceRoll.entries++;
    this.sinceRoll.bytes += entry.length;
  }

  sync(): Promise<void> {
    return this.#group.sync();
  }

  roll(): void {
    this.#isRolled = true;
    this.sinceRoll.entries = 0;
    this.sinceRoll.bytes = 0;
  }

  async read(after: Zxid, handler: LogEntryHandler): Promise<void> {
    this.#requireSound();
    await readLog(this.#settings, this.#toRead(), after, this.#durableLast, handler);
  }

  async truncate(zxid: Zxid): Promise<void> {
    await this.sync();
    const point = zxid === ZXID_NONE ? undefined : await findTruncation(this.#settings, this.#toRead(), zxid);
    if (point === undefined && zxid !== ZXID_NONE) {
      throw new PersistenceError('NOT_FOUND', `no entry has zxid ${zxidToHex(zxid)}`);
    }
    try {
      await this.#cut(point);
    } catch (cause) {
      this.#group.fail(cause);
      throw cause;
    }
    this.lastZxid = zxid;
    this.#durableLast = zxid;
    this.roll();
  }

  /** As PurgeTxnLog: of the files that begin at or below `zxid`, the last one stays. */
  async purge(zxid: Zxid): Promise<readonly string[]> {
    this.#requireSound();
    const removed: string[] = [];
    while (this.#files.length > 1 && this.#files[1]! <= zxid) {
      const name = logName(this.#files[0]!);
      await this.#settings.disk.remove(this.#path(name));
      this.#files.shift();
      removed.push(name);
    }
    if (removed.length > 0) await syncDirectory(this.#settings, this.#settings.logDirectory);
    return removed;
  }

  async close(): Promise<void> {
    try {
      if (!this.#group.failed) await this.sync();
    } finally {
      this.#group.fail(new PersistenceError('CLOSED', 'the log is closed'));
      await this.#writer?.close();
      await this.#mark.close();
    }
  }

  async #flush(): Promise<void> {
    const records = this.#filling;
    const beginnings = this.#beginnings;
    const last = this.lastZxid;
    this.#filling = this.#writing;
    this.#writing = records;
    if (beginnings.length > 0) this.#beginnings = [];
    let at = 0;
    if (records.length > 0 && beginnings[0]?.at !== 0 && this.#isFull())
      await this.#beginFile(records.firstZxid());
    for (const beginning of beginnings) {
      if (beginning.at > at) await this.#writer!.write(records, at, beginning.at);
      at = beginning.at;
      await this.#beginFile(beginning.first);
    }
    if (records.length > at) await this.#writer!.write(records, at, records.length);
    records.clear();
    this.#durableLast = last;
  }

  /**
   * Whether the newest file has outgrown its limit (Java: FileTxnLog.commit). Asked between commits only: a file is
   * larger by one commit at most. What makes the server take snapshots (`sinceRoll`) counts on.
   */
  #isFull(): boolean {
    return this.#writer !== undefined && this.#writer.durableEnd > this.#settings.logBytesMax;
  }

  /** Everything in the file before is durable by now. */
  async #beginFile(first: Zxid): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
    await this.#mark.begin(first);
    this.#writer = await LogFileWriter.create(this.#settings, this.#mark, this.#path(logName(first)));
    this.#files.push(first);
  }

  /**
   * Later files go first, one by one: whatever a crash leaves is the beginning of the log, and longer than wanted at
   * worst (ClickHouse Keeper #112101 is the story of the other order).
   */
  async #cut(point: TruncationPoint | undefined): Promise<void> {
    const last = point?.file.first;
    await this.#writer?.close();
    this.#writer = undefined;
    this.#found = this.#before = undefined;
    await this.#mark.cut(point === undefined ? undefined : { first: point.file.first, offset: point.end });
    while (this.#files.length > 0 && this.#files.at(-1) !== last) {
      await this.#settings.disk.remove(this.#path(logName(this.#files.at(-1)!)));
      await syncDirectory(this.#settings, this.#settings.logDirectory);
      this.#files.pop();
    }
    if (point === undefined) return;
    const file = await this.#settings.disk.open(point.file.path, 'update');
    try {
      await file.truncate(point.end);
      await syncFile(this.#settings, file);
    } finally {
      await file.close();
    }
  }

  /** All files, and how far each may be read now: what is appended meanwhile is not. */
  #toRead(): LogFileToRead[] {
    const writing = this.#writer === undefined ? undefined : this.#files.at(-1);
    return this.#files.map((first) => {
      let durableEnd: number | undefined;
      if (first === writing) durableEnd = this.#writer!.durableEnd;
      else if (first === this.#found?.first) durableEnd = this.#found.offset;
      const syncedTo = first === this.#before?.first ? this.#before.offset : undefined;
      return { first, path: this.#path(logName(first)), durableEnd, syncedTo };
    });
  }

  #path(name: string): string {
    return `${this.#settings.logDirectory}/${name}`;
  }

  #requireSound(): void {
    if (this.#group.failed) {
      throw new PersistenceError('CLOSED', 'the log is closed or a write failed', {
        cause: this.#group.failure,
      });
    }
  }
}

interface Beginning {
  readonly at: number;
  readonly first: Zxid;
}
