import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import { ENTRY_BYTES_MIN, PersistenceError, readFully, writeFully, type DiskFile } from '@corral/persistence';
import { isClaimedAsLog, logName, parseLogName, tornName } from './file-names.ts';
import { LOG_HEADER, LOG_HEADER_BYTES, RECORD_OVERHEAD_BYTES, recordFault } from './log-format.ts';
import { findData, isZero, scanLog, type LogScanEnd } from './log-scan.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';
import { MARK_NAME, readSyncedMark, UNSYNCED_BYTES_MAX, type SyncedTo } from './synced-mark.ts';

export interface RecoveredLog {
  /** The first zxids of the log files, ascending: their names. */
  readonly files: Zxid[];
  readonly lastZxid: Zxid;
  /** Where it ends, when there is a file. */
  readonly end: SyncedTo | undefined;
  /** What is known of the file before, where nobody else has written since. */
  readonly before: SyncedTo | undefined;
}

/**
 * Finds the end of the log: the last record of the newest file that has any. Newer files without a record (a crash
 * came between making the file and its first sync) are removed, a torn tail is cut off after a copy has been kept,
 * and what is found is made durable, because from now on it is believed. Everything else is damage. Older files are
 * checked when they are read.
 */
export async function recoverLog(settings: Settings, repairs: string[]): Promise<RecoveredLog> {
  const files = await listLogs(settings);
  const marks = await readSyncedMark(settings);
  for (;;) {
    const newest = files.at(-1);
    const found =
      newest === undefined ? undefined : await new LogFileRecovery(settings, newest, marks).run(repairs);
    requireNothingMissing(settings, newest, marks);
    await syncDirectory(settings, settings.logDirectory);
    if (newest === undefined || found === undefined)
      return { files, lastZxid: ZXID_NONE, end: undefined, before: undefined };
    if (found.lastZxid !== undefined) {
      const isOurs = marks.some(({ first }) => first === newest);
      const lastZxid = isOurs ? found.lastZxid : await lastOf(settings, files, found.lastZxid);
      const before = isOurs ? marks.find(({ first }) => first === files.at(-2)) : undefined;
      return { files, lastZxid, end: { first: newest, offset: found.end }, before };
    }
    await settings.disk.remove(`${settings.logDirectory}/${logName(newest)}`);
    await syncDirectory(settings, settings.logDirectory);
    repairs.push(`${logName(newest)} held no transaction and was removed`);
    files.pop();
  }
}

const ON_PURPOSE = `remove ${MARK_NAME} beside it if the log was replaced on purpose`;

/** The first zxids of all log files, ascending. */
async function listLogs(settings: Settings): Promise<Zxid[]> {
  const files: Zxid[] = [];
  for (const name of await settings.disk.list(settings.logDirectory)) {
    if (!isClaimedAsLog(name)) continue;
    const zxid = parseLogName(name);
    if (zxid === undefined)
      throw damage(`${settings.logDirectory}/${name}`, undefined, 'the name is not that of a log');
    files.push(zxid);
  }
  return files.toSorted((a, b) => a - b);
}

/**
 * The last zxid of a log of Apache, whose newest file may hold late repetitions of what is in the files before (see
 * `EntryMerge`): looks further back as long as that is so.
 */
async function lastOf(settings: Settings, files: readonly Zxid[], lastInNewest: Zxid): Promise<Zxid> {
  let last = lastInNewest;
  for (let i = files.length - 2; i >= 0; i--) {
    const path = `${settings.logDirectory}/${logName(files[i]!)}`;
    const file = await settings.disk.open(path, 'read');
    let lastInFile = ZXID_NONE;
    try {
      const size = (await settings.disk.stat(path))?.size ?? 0;
      await scanLog(
        file,
        size,
        settings.entryBytesMax,
        ({ zxid }) => void (lastInFile = zxidMax(lastInFile, zxid)),
      );
    } finally {
      await file.close();
    }
    if (lastInFile < files[i + 1]!) break;
    last = zxidMax(last, lastInFile);
  }
  return last;
}

function zxidMax(a: Zxid, b: Zxid): Zxid {
  return a > b ? a : b;
}

/** A file in which something was synced must be there. */
function requireNothingMissing(
  settings: Settings,
  newest: Zxid | undefined,
  marks: readonly SyncedTo[],
): void {
  const missing = marks.find(({ first, offset }) => first > (newest ?? -1) && offset > LOG_HEADER_BYTES);
  if (missing === undefined) return;
  throw damage(
    `${settings.logDirectory}/${logName(missing.first)}`,
    0,
    `the file was synced up to byte ${missing.offset} and is missing; ${ON_PURPOSE}`,
  );
}

interface RecoveredFile {
  /** Undefined where the file holds no record. */
  readonly lastZxid: Zxid | undefined;
  /** Where the last record ends. */
  readonly end: number;
}

/** The newest log file, as it was found. */
class LogFileRecovery {
  readonly #settings: Settings;
  readonly #first: Zxid;
  readonly #name: string;
  readonly #path: string;
  /** Everything before this byte is known to have been synced; undefined where nothing is known. */
  readonly #syncedTo: number | undefined;

  constructor(settings: Settings, first: Zxid, marks: readonly SyncedTo[]) {
    this.#settings = settings;
    this.#first = first;
    this.#name = logName(first);
    this.#path = `${settings.logDirectory}/${this.#name}`;
    this.#syncedTo = marks.find((mark) => mark.first === first)?.offset;
  }

  async run(repairs: string[]): Promise<RecoveredFile> {
    const size = (await this.#settings.disk.stat(this.#path))?.size ?? 0;
    const file = await this.#settings.disk.open(this.#path, 'update');
    try {
      if ((await checkHeader(file, this.#path, size)) === 'missing') {
        if ((this.#syncedTo ?? 0) > LOG_HEADER_BYTES) throw this.#notWhole(0, undefined);
        return { lastZxid: undefined, end: 0 };
      }
      let lastZxid: Zxid | undefined;
      const end = await scanLog(file, size, this.#settings.entryBytesMax, ({ zxid, offset }) => {
        if (lastZxid === undefined && zxid !== this.#first) throw this.#wrongFirst(zxid, offset);
        lastZxid = zxidMax(lastZxid ?? ZXID_NONE, zxid);
      });
      if (end.offset < (this.#syncedTo ?? 0)) throw this.#notWhole(end.offset, end.fault);
      const tail = await findData(file, end.offset, size);
      if (tail !== undefined) await this.#cut(file, end, tail.end, repairs);
      await this.#writeAgain(file, end.offset);
      await syncFile(this.#settings, file);
      return { lastZxid, end: end.offset };
    } finally {
      await file.close();
    }
  }

  /**
   * A torn tail is what a crash leaves of records that were being written. Where we wrote the file, it begins where
   * the last sync ended and is no longer than what is ever unsynced. Where nobody remembers the last sync (Apache
   * wrote the file), it is torn if no whole record follows; else something in between was lost that had been there.
   */
  async #cut(file: DiskFile, end: LogScanEnd, tailEnd: number, repairs: string[]): Promise<void> {
    const fault = end.fault ?? 'zeros, then data';
    const length = tailEnd - end.offset;
    if (length > UNSYNCED_BYTES_MAX + this.#settings.entryBytesMax + RECORD_OVERHEAD_BYTES) {
      throw this.#damage(end.offset, `${fault}, and ${length} bytes follow: more than a crash can tear`);
    }
    const tail = new Uint8Array(length);
    await readFully(file, tail, end.offset);
    if (this.#syncedTo === undefined) {
      const next = findRecord(tail, this.#settings.entryBytesMax);
      if (next !== undefined)
        throw this.#damage(end.offset, `${fault}; a whole record at byte ${end.offset + next}`);
    }
    const copyName = tornName(this.#name, end.offset);
    await this.#keep(copyName, tail);
    await file.truncate(end.offset);
    repairs.push(
      `${this.#name} was torn at byte ${end.offset} (${fault}); ${length} bytes are kept in ${copyName}`,
    );
  }

  /**
   * What is not known to have been synced is written once more before it is. A process that died of a failed sync leaves
   * bytes that everybody reads and that the kernel calls clean: no later sync would make them durable, the next power cut
   * would take them, and what was synced behind them would be damage (fsyncgate).
   */
  async #writeAgain(file: DiskFile, end: number): Promise<void> {
    const known = this.#syncedTo ?? end - UNSYNCED_BYTES_MAX;
    for (let at = known <= LOG_HEADER_BYTES ? 0 : known; at < end; at += CHUNK_BYTES) {
      const bytes = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
      await readFully(file, bytes, at);
      await writeFully(file, bytes, at);
    }
  }

  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    const copy = await this.#settings.disk.open(`${this.#settings.logDirectory}/${name}`, 'create');
    try {
      await writeFully(copy, bytes, 0);
      await syncFile(this.#settings, copy);
    } finally {
      await copy.close();
    }
    await syncDirectory(this.#settings, this.#settings.logDirectory);
  }

  #wrongFirst(zxid: Zxid, offset: number): PersistenceError {
    return this.#damage(offset, `the first entry is ${zxidToHex(zxid)}`);
  }

  #notWhole(offset: number, fault: string | undefined): PersistenceError {
    return this.#damage(
      offset,
      `${fault ?? 'zeros, or the end'}, where the file was synced up to byte ${this.#syncedTo}; ${ON_PURPOSE}`,
    );
  }

  #damage(offset: number, message: string): PersistenceError {
    return damage(this.#path, offset, message);
  }
}

const CHUNK_BYTES = 1 << 20;

/** `missing` where the file ends before its header, or holds zeros only: nothing was ever synced in it. */
export async function checkHeader(file: DiskFile, path: string, size: number): Promise<'whole' | 'missing'> {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  const count = await readFully(file, header, 0);
  const isPrefix = header.subarray(0, count).every((byte, i) => byte === LOG_HEADER[i]);
  if (isPrefix) return count === LOG_HEADER_BYTES ? 'whole' : 'missing';
  if (isZero(header, 0, count) && (await findData(file, 0, size)) === undefined) return 'missing';
  throw damage(path, 0, 'not the header of a log');
}

/** Where in `bytes` a whole record stands, looked for at every byte. */
function findRecord(bytes: Uint8Array, entryBytesMax: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const last = bytes.length - RECORD_OVERHEAD_BYTES - ENTRY_BYTES_MIN;
  for (let at = 0; at <= last; at++) {
    // The upper half of the checksum is zero; most places fail here.
    if (view.getInt32(at) === 0 && recordFault(bytes, view, at, bytes.length, entryBytesMax) === undefined)
      return at;
  }
  return undefined;
}

export function damage(path: string, offset: number | undefined, message: string): PersistenceError {
  return new PersistenceError('DAMAGED', message, { file: path, offset });
}
