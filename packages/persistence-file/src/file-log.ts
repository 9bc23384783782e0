import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import {
  GroupSync,
  PersistenceError,
  writeFully,
  type DiskFile,
  type LogEntry,
  type LogEntryHandler,
  type TxnLog,
} from '@corral/persistence';
import { logName } from './file-names.ts';
import { ENTRY_BYTES_MIN, ENTRY_ZXID_AT, LOG_HEADER, LOG_HEADER_BYTES } from './log-format.ts';
import { checkHeader, damage, type RecoveredLog } from './log-recovery.ts';
import { findData, scanLog } from './log-scan.ts';
import { paddedLength } from './padding.ts';
import { RecordBuffer } from './record-buffer.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';

/** The log in Apache's files (Java: FileTxnLog). */
export class FileLog implements TxnLog {
  lastZxid: Zxid;
  readonly sinceRoll: { entries: number; bytes: number } = { entries: 0, bytes: 0 };
  readonly #settings: Settings;
  readonly #group: GroupSync = new GroupSync(() => this.#flush());
  /** First zxids of the files on disk, ascending. */
  readonly #files: Zxid[];
  /** Records appended and not yet handed to the disk, and the ones being written just now. */
  #filling: RecordBuffer = new RecordBuffer();
  #writing: RecordBuffer = new RecordBuffer();
  /** Where in `#filling` a new file begins, and its name. Mostly empty. */
  #beginnings: { readonly at: number; readonly zxid: Zxid }[] = [];
  #rolled = true;
  #file: DiskFile | undefined;
  /** Of `#file`: where the next record goes, and how long it is. */
  #position = 0;
  #fileBytes = 0;
  #zeroedTo = 0;

  constructor(settings: Settings, recovered: RecoveredLog) {
    this.#settings = settings;
    this.#files = recovered.files;
    this.lastZxid = recovered.lastZxid;
  }

  append(zxid: Zxid, entry: Uint8Array): void {
    this.#requireSound();
    if (!(zxid > this.lastZxid))
      throw new RangeError(`zxid ${zxidToHex(zxid)} after ${zxidToHex(this.lastZxid)}`);
    if (entry.length < ENTRY_BYTES_MIN || entry.length > this.#settings.entryBytesMax) {
      throw new RangeError(`an entry of ${entry.length} bytes`);
    }
    if (!carriesZxid(entry, zxid)) throw new RangeError(`the entry is not that of zxid ${zxidToHex(zxid)}`);
    if (this.#rolled) this.#beginnings.push({ at: this.#filling.length, zxid });
    this.#rolled = false;
    this.#filling.append(entry);
    this.lastZxid = zxid;
    this.sinceRoll.entries++;
    this.sinceRoll.bytes += entry.length;
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
    this.#requireSound();
    const files = this.#files.slice();
    const begin = Math.max(
      files.findLastIndex((first) => first <= after + 1),
      0,
    );
    const durable = this.#file === undefined ? undefined : { first: files.at(-1)!, end: this.#position };
    const order = new RecordOrder();
    for (const first of files.slice(begin)) {
      await this.#readFile(first, durable?.first === first ? durable.end : undefined, after, order, handler);
    }
  }

  async truncate(zxid: Zxid): Promise<void> {
    await this.sync();
    const holding = this.#files.findLastIndex((first) => first <= zxid);
    const end = zxid === ZXID_NONE ? 0 : await this.#findEnd(this.#files[holding], zxid);
    try {
      await this.#closeFile();
      while (this.#files.length > holding + 1) await this.#removeFile(this.#files.pop()!);
      if (end > 0) await this.#cutFile(this.#files[holding]!, end);
    } catch (cause) {
      this.#group.fail(cause);
      throw cause;
    }
    this.lastZxid = zxid;
    this.roll();
  }

  async purge(zxid: Zxid): Promise<readonly string[]> {
    this.#requireSound();
    const holding = this.#files.findLastIndex((first) => first <= zxid);
    const removed: string[] = [];
    for (let count = holding; count > 0; count--) {
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
      await this.#closeFile();
    }
  }

  async #flush(): Promise<void> {
    const buffer = this.#filling;
    const beginnings = this.#beginnings;
    this.#filling = this.#writing;
    this.#writing = buffer;
    if (beginnings.length > 0) this.#beginnings = [];
    let at = 0;
    for (const beginning of beginnings) {
      if (beginning.at > at) await this.#write(buffer.bytes(at, beginning.at));
      at = beginning.at;
      await this.#beginFile(beginning.zxid);
    }
    if (buffer.length > at) await this.#write(buffer.bytes(at, buffer.length));
    buffer.clear();
  }

  async #write(records: Uint8Array): Promise<void> {
    const file = this.#file!;
    const end = this.#position + records.length;
    const padded = paddedLength(this.#position, this.#fileBytes, this.#settings.preAllocBytes);
    if (padded !== this.#fileBytes) await writeFully(file, ONE_ZERO, padded - 1);
    this.#fileBytes = Math.max(padded, end);
    if (records.length > WRITE_NOW_BYTES_MAX) await writeFully(file, records, this.#position);
    else writeNowFully(file, records, this.#position);
    if (end > this.#zeroedTo) this.#zeroAhead(file, end);
    await this.#sync(file);
    this.#position = end;
  }

  /**
   * Fills the next stretch of padding with real zeros, together with the batch that reached it. Writing where the
   * file has no blocks yet makes every fdatasync wait for the file system's journal; overwriting zeros does not.
   */
  #zeroAhead(file: DiskFile, end: number): void {
    this.#zeroedTo = Math.min(Math.ceil((end + 1) / ZEROS.length) * ZEROS.length, this.#fileBytes);
    if (this.#zeroedTo > end) writeNowFully(file, ZEROS.subarray(0, this.#zeroedTo - end), end);
  }

  async #sync(file: DiskFile): Promise<void> {
    const settings = this.#settings;
    if (!settings.forceSync) return;
    const began = performance.now();
    await file.datasync();
    const tookMs = performance.now() - began;
    settings.fsyncTime.observe(tookMs);
    if (tookMs <= settings.fsyncWarningThresholdMs) return;
    settings.fsyncThresholdExceeded.add();
    settings.logger.warn(
      { file: logName(this.#files.at(-1)!), tookMs: Math.round(tookMs), fileBytes: this.#fileBytes },
      'syncing the transaction log took long; every write waits for it',
    );
  }

  /** Everything in the file before is durable by now: `#write` ends with a sync. */
  async #beginFile(zxid: Zxid): Promise<void> {
    await this.#closeFile();
    const file = await this.#settings.disk.open(this.#path(logName(zxid)), 'create');
    this.#file = file;
    this.#files.push(zxid);
    this.#position = LOG_HEADER_BYTES;
    this.#fileBytes = LOG_HEADER_BYTES;
    this.#zeroedTo = 0;
    await writeFully(file, LOG_HEADER, 0);
    await syncFile(this.#settings, file);
    await syncDirectory(this.#settings, this.#settings.logDirectory);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #readFile(
    first: Zxid,
    durableEnd: number | undefined,
    after: Zxid,
    order: RecordOrder,
    handler: LogEntryHandler,
  ): Promise<void> {
    const name = logName(first);
    const file = await this.#settings.disk.open(this.#path(name), 'read');
    try {
      const size = durableEnd ?? (await this.#settings.disk.stat(this.#path(name)))?.size ?? 0;
      if ((await checkHeader(this.#settings, file, name, size)) === 'missing') {
        throw damage(this.#settings, name, 0, 'a log without a header');
      }
      const entry = { zxid: ZXID_NONE, bytes: LOG_HEADER, file: this.#path(name), offset: 0 };
      const end = await scanLog(file, size, this.#settings.entryBytesMax, (record) => {
        if (!order.isNews(record.zxid, record.bytes)) {
          if (order.isRepeat) return undefined;
          throw damage(this.#settings, name, record.offset, `zxid ${zxidToHex(record.zxid)} goes backwards`);
        }
        if (record.zxid <= after) return undefined;
        entry.zxid = record.zxid;
        entry.bytes = record.bytes;
        entry.offset = record.offset;
        return handler(entry satisfies LogEntry);
      });
      const fault =
        end.fault ??
        ((await findData(file, end.offset, size)) === undefined ? undefined : 'zeros, then data');
      if (fault !== undefined) throw damage(this.#settings, name, end.offset, fault);
    } finally {
      await file.close();
    }
  }

  /** Where the record with exactly `zxid` ends. */
  async #findEnd(first: Zxid | undefined, zxid: Zxid): Promise<number> {
    let found = 0;
    if (first !== undefined) {
      const path = this.#path(logName(first));
      const file = await this.#settings.disk.open(path, 'read');
      try {
        const size = (await this.#settings.disk.stat(path))?.size ?? 0;
        await scanLog(file, size, this.#settings.entryBytesMax, (record) => {
          if (record.zxid === zxid) found = record.end;
        });
      } finally {
        await file.close();
      }
    }
    if (found === 0) throw new PersistenceError('NOT_FOUND', `no entry has zxid ${zxidToHex(zxid)}`);
    return found;
  }

  async #removeFile(first: Zxid): Promise<void> {
    await this.#settings.disk.remove(this.#path(logName(first)));
    await syncDirectory(this.#settings, this.#settings.logDirectory);
  }

  async #cutFile(first: Zxid, end: number): Promise<void> {
    const file = await this.#settings.disk.open(this.#path(logName(first)), 'update');
    try {
      await file.truncate(end);
      await syncFile(this.#settings, file);
    } finally {
      await file.close();
    }
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

/** Batches up to this size are written without giving up the turn. */
const WRITE_NOW_BYTES_MAX = 1 << 18;
const ONE_ZERO = new Uint8Array(1);
const ZEROS = new Uint8Array(1 << 20);

function carriesZxid(entry: Uint8Array, zxid: Zxid): boolean {
  let value = 0;
  for (let i = 0; i < 8; i++) value = value * 256 + entry[ENTRY_ZXID_AT + i]!;
  return value === zxid;
}

function writeNowFully(file: DiskFile, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length)
    done += file.writeNow(done === 0 ? bytes : bytes.subarray(done), position + done);
}

/** Tells entries that go forward from those that do not. */
class RecordOrder {
  isRepeat = false;
  #last: Zxid = ZXID_NONE;

  isNews(zxid: Zxid, _bytes: Uint8Array): boolean {
    if (zxid <= this.#last) return false;
    this.#last = zxid;
    return true;
  }
}
