import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import { PersistenceError, readFully, writeFully, type DiskFile } from '@corral/persistence';
import { isClaimedAsLog, logName, parseLogName, tornName } from './file-names.ts';
import {
  ENTRY_BYTES_MIN,
  LOG_HEADER,
  LOG_HEADER_BYTES,
  RECORD_OVERHEAD_BYTES,
  recordFault,
} from './log-format.ts';
import { findData, isZero, scanLog } from './log-scan.ts';
import { syncDirectory, syncFile, type Settings } from './settings.ts';

export interface RecoveredLog {
  /** The first zxids of the log files, ascending: their names. */
  readonly files: Zxid[];
  readonly lastZxid: Zxid;
}

/**
 * Finds the end of the log: the last record of the newest file that has any. Newer files without a record (a crash
 * came between making the file and its first sync) are removed. What a crash can leave behind the last record is cut
 * off after a copy has been kept; anything else is damage. Older files are checked when they are read.
 */
export async function recoverLog(settings: Settings, repairs: string[]): Promise<RecoveredLog> {
  const files = await listLogs(settings);
  for (;;) {
    const newest = files.at(-1);
    if (newest === undefined) return { files, lastZxid: ZXID_NONE };
    const lastZxid = await recoverFile(settings, newest, repairs);
    if (lastZxid !== undefined) return { files, lastZxid };
    const name = logName(newest);
    await settings.disk.remove(`${settings.logDirectory}/${name}`);
    await syncDirectory(settings, settings.logDirectory);
    repairs.push(`${name} held no transaction and was removed`);
    files.pop();
  }
}

/** The first zxids of all log files, ascending. */
async function listLogs(settings: Settings): Promise<Zxid[]> {
  const files: Zxid[] = [];
  for (const name of await settings.disk.list(settings.logDirectory)) {
    if (!isClaimedAsLog(name)) continue;
    const zxid = parseLogName(name);
    if (zxid === undefined) throw damage(settings, name, undefined, 'the name is not that of a log');
    files.push(zxid);
  }
  return files.toSorted((a, b) => a - b);
}

/** Resolves with the last zxid in the file, undefined where there is none. */
async function recoverFile(settings: Settings, first: Zxid, repairs: string[]): Promise<Zxid | undefined> {
  const name = logName(first);
  const path = `${settings.logDirectory}/${name}`;
  const size = (await settings.disk.stat(path))?.size ?? 0;
  const file = await settings.disk.open(path, 'update');
  try {
    const header = await checkHeader(settings, file, name, size);
    if (header === 'missing') return undefined;
    let lastZxid: Zxid | undefined;
    const end = await scanLog(file, size, settings.entryBytesMax, (record) => {
      if (lastZxid === undefined && record.zxid !== first) {
        throw damage(settings, name, record.offset, `the first entry is ${zxidToHex(record.zxid)}`);
      }
      if (lastZxid === undefined || record.zxid > lastZxid) lastZxid = record.zxid;
    });
    const tail = await findData(file, end.offset, size);
    if (tail !== undefined) await cutTail(settings, file, name, end.offset, tail.end, end.fault, repairs);
    return lastZxid;
  } finally {
    await file.close();
  }
}

/** `missing` where the file ends before its header, or holds zeros only: nothing was ever synced in it. */
export async function checkHeader(
  settings: Settings,
  file: DiskFile,
  name: string,
  size: number,
): Promise<'whole' | 'missing'> {
  const header = new Uint8Array(LOG_HEADER_BYTES);
  const count = await readFully(file, header, 0);
  const isPrefix = header.subarray(0, count).every((byte, i) => byte === LOG_HEADER[i]);
  if (isPrefix) return count === LOG_HEADER_BYTES ? 'whole' : 'missing';
  if (isZero(header, 0, count) && (await findData(file, 0, size)) === undefined) return 'missing';
  throw damage(settings, name, 0, 'not the header of a log');
}

/**
 * A torn tail is what a crash leaves of records that were being written: behind it, nothing whole. Where a whole
 * record follows, something in between was lost that had been there.
 */
async function cutTail(
  settings: Settings,
  file: DiskFile,
  name: string,
  offset: number,
  end: number,
  fault: string | undefined,
  repairs: string[],
): Promise<void> {
  const tail = new Uint8Array(end - offset);
  await readFully(file, tail, offset);
  const next = findRecord(tail, settings.entryBytesMax);
  if (next !== undefined) {
    const what = fault ?? 'zeros';
    throw damage(settings, name, offset, `${what}, and a whole record at byte ${offset + next}`);
  }
  const copyName = tornName(name, offset);
  const copy = await settings.disk.open(`${settings.logDirectory}/${copyName}`, 'create');
  try {
    await writeFully(copy, tail, 0);
    await syncFile(settings, copy);
  } finally {
    await copy.close();
  }
  await syncDirectory(settings, settings.logDirectory);
  await file.truncate(offset);
  await syncFile(settings, file);
  repairs.push(
    `${name} ended in a torn record at byte ${offset}; ${tail.length} bytes were moved to ${copyName}`,
  );
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

export function damage(
  settings: Settings,
  name: string,
  offset: number | undefined,
  message: string,
): PersistenceError {
  return new PersistenceError('DAMAGED', message, { file: `${settings.logDirectory}/${name}`, offset });
}
