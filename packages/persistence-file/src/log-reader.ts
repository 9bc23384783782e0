import { ZXID_NONE, zxidToHex, type Zxid } from '@corral/protocol';
import {
  ENTRY_BYTES_MIN,
  readFully,
  type DiskFile,
  type LogEntry,
  type LogEntryHandler,
} from '@corral/persistence';
import { LOG_HEADER_BYTES, RECORD_HEAD_BYTES } from './log-format.ts';
import { checkHeader, damage } from './log-recovery.ts';
import { findData, scanLog } from './log-scan.ts';
import type { RecordOrder } from './record-order.ts';
import type { Settings } from './settings.ts';

export interface LogFileToRead {
  readonly first: Zxid;
  readonly path: string;
  /** How far it may be read; undefined where all of it may. */
  readonly durableEnd: number | undefined;
}

/** Hands the entries above `after` to `handler`. Everything in the file must be whole, up to and with its padding. */
export async function readLogFile(
  settings: Settings,
  { path, durableEnd }: LogFileToRead,
  after: Zxid,
  order: RecordOrder,
  handler: LogEntryHandler,
): Promise<void> {
  await withFile(settings, path, durableEnd, async (file, size) => {
    if ((await checkHeader(file, path, size)) === 'missing') throw damage(path, 0, 'a log without a header');
    const entry: Writable<LogEntry> = { zxid: ZXID_NONE, bytes: NO_BYTES, file: path, offset: 0 };
    const end = await scanLog(file, size, settings.entryBytesMax, (record) => {
      const direction = order.next(record.zxid, record.checksum, isError(record.bytes));
      if (direction === 'backwards') {
        throw damage(path, record.offset, `zxid ${zxidToHex(record.zxid)} goes backwards`);
      }
      if (direction === 'repeat' || record.zxid <= after) return undefined;
      entry.zxid = record.zxid;
      entry.bytes = record.bytes;
      entry.offset = record.offset;
      return handler(entry);
    });
    if (end.fault !== undefined) throw damage(path, end.offset, end.fault);
    const data = await findData(file, end.offset, size);
    if (data !== undefined) throw damage(path, end.offset, `zeros, and data again at byte ${data.first}`);
  });
}

/** Where the record with exactly `zxid` ends; 0 where there is none. Damage before it is told, not overlooked. */
export async function findRecordEnd(
  settings: Settings,
  { path, durableEnd }: LogFileToRead,
  zxid: Zxid,
): Promise<number> {
  let found = 0;
  await withFile(settings, path, durableEnd, async (file, size) => {
    const end = await scanLog(file, size, settings.entryBytesMax, (record) => {
      if (record.zxid === zxid) found = record.end;
    });
    if (found === 0 && end.fault !== undefined) throw damage(path, end.offset, end.fault);
  });
  return found;
}

/**
 * Whether the first record is an error, which may stand under the zxid of the last entry of the file before (see
 * {@link RecordOrder}): the entry itself is in that file.
 */
export async function beginsWithError(
  settings: Settings,
  { path, durableEnd }: LogFileToRead,
): Promise<boolean> {
  let isFirstError = false;
  await withFile(settings, path, durableEnd, async (file) => {
    const head = new Uint8Array(RECORD_HEAD_BYTES + ENTRY_BYTES_MIN);
    if ((await readFully(file, head, LOG_HEADER_BYTES)) < head.length) return;
    isFirstError = isError(head.subarray(RECORD_HEAD_BYTES));
  });
  return isFirstError;
}

/** The type of a transaction stands behind client id, cxid, zxid and time (TxnHeader); that of an error is -1. */
function isError(entry: Uint8Array): boolean {
  return (entry[TYPE_AT]! & entry[TYPE_AT + 1]! & entry[TYPE_AT + 2]! & entry[TYPE_AT + 3]!) === 0xff;
}

const TYPE_AT = 28;

async function withFile(
  settings: Settings,
  path: string,
  durableEnd: number | undefined,
  work: (file: DiskFile, size: number) => Promise<void>,
): Promise<void> {
  const file = await settings.disk.open(path, 'read');
  try {
    await work(file, durableEnd ?? (await settings.disk.stat(path))?.size ?? 0);
  } finally {
    await file.close();
  }
}

const NO_BYTES = new Uint8Array(0);

type Writable<T> = { -readonly [K in keyof T]: T[K] };
