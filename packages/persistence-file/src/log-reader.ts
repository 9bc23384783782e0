import { ENTRY_BYTES_MIN, readFully, type DiskFile, type LogEntryHandler } from '@corral/persistence';
import { ZXID_NONE, type Zxid } from '@corral/protocol';
import { EntryMerge, isError } from './entry-merge.ts';
import { LOG_HEADER_BYTES, RECORD_HEAD_BYTES } from './log-format.ts';
import { checkHeader, damage } from './log-recovery.ts';
import { findData, scanLog } from './log-scan.ts';
import type { Settings } from './settings.ts';

export interface LogFileToRead {
  readonly first: Zxid;
  readonly path: string;
  /** How far it may be read; undefined where all of it may. */
  readonly durableEnd: number | undefined;
  /** How far it was synced, where that is known. */
  readonly syncedTo: number | undefined;
}

/**
 * Hands the entries above `after` to `handler`, in order and each once. Everything in the files must be whole, up to
 * and with their padding.
 *
 * Reading begins with the last file that begins at or below `after`. Where entries then turn out to be missing, or
 * the last one (`last`) is not reached, it begins again a file earlier: see {@link EntryMerge} for how they come to
 * stand there. Entries that are nowhere are the caller's affair.
 */
export async function readLog(
  settings: Settings,
  files: readonly LogFileToRead[],
  after: Zxid,
  last: Zxid,
  handler: LogEntryHandler,
): Promise<void> {
  const merge = new EntryMerge(after, handler);
  const begin = await findBegin(settings, files, after);
  for (let start = begin; ; start--) {
    const isLastResort = start === 0 || begin - start === STEPS_BACK_MAX;
    for (const file of files.slice(start)) {
      await readLogFile(settings, file, merge, isLastResort);
      if (merge.isFull) break;
    }
    if (merge.isWaiting && isLastResort) await merge.flush();
    if (isLastResort || (!merge.isWaiting && merge.last >= last)) return;
    merge.drop();
  }
}

/** So many earlier files are looked at for entries that are missing. */
const STEPS_BACK_MAX = 8;

async function findBegin(settings: Settings, files: readonly LogFileToRead[], after: Zxid): Promise<number> {
  const holding = Math.max(
    files.findLastIndex(({ first }) => first <= after),
    0,
  );
  const next = files[holding + 1];
  if (next === undefined || next.first > after + 1) return holding;
  // Usually a snapshot ends where a file does, and that file need not be read.
  return (await beginsWithError(settings, next)) ? holding : holding + 1;
}

/** An error may stand under the zxid of the last entry of the file before: the entry itself is in that file. */
async function beginsWithError(settings: Settings, file: LogFileToRead): Promise<boolean> {
  let isFirstError = false;
  await withFile(settings, file, async (opened) => {
    const head = new Uint8Array(RECORD_HEAD_BYTES + ENTRY_BYTES_MIN);
    if ((await readFully(opened, head, LOG_HEADER_BYTES)) < head.length) return;
    isFirstError = isError(head.subarray(RECORD_HEAD_BYTES));
  });
  return isFirstError;
}

async function readLogFile(
  settings: Settings,
  toRead: LogFileToRead,
  merge: EntryMerge,
  isLastResort: boolean,
): Promise<void> {
  const { path } = toRead;
  await withFile(settings, toRead, async (file, size) => {
    if ((await checkHeader(file, path, size)) === 'missing') throw damage(path, 0, 'a log without a header');
    const end = await scanLog(file, size, settings.entryBytesMax, (record) => {
      const taken = merge.take(record, path);
      if (!merge.isFull) return taken;
      if (isLastResort) return merge.flush();
      return undefined;
    });
    if (end.fault !== undefined) throw damage(path, end.offset, end.fault);
    const data = await findData(file, end.offset, size);
    if (data !== undefined) throw damage(path, end.offset, `zeros, and data again at byte ${data.first}`);
    const { syncedTo = 0 } = toRead;
    if (end.offset < syncedTo)
      throw damage(path, end.offset, `zeros, or the end, where the file was synced up to byte ${syncedTo}`);
  });
}

export interface TruncationPoint {
  /** Which file keeps its beginning; later ones go. */
  readonly file: LogFileToRead;
  /** Where it ends then. */
  readonly end: number;
}

/**
 * Where the log is cut so that `zxid` is its last entry; undefined where no entry has exactly that zxid. Nothing that
 * stays is above `zxid`, wherever Apache has put it: files are looked at backwards as long as they overlap.
 */
export async function findTruncation(
  settings: Settings,
  files: readonly LogFileToRead[],
  zxid: Zxid,
): Promise<TruncationPoint | undefined> {
  let point: TruncationPoint | undefined;
  let isThere = false;
  for (let i = files.findLastIndex(({ first }) => first <= zxid); i >= 0; i--) {
    const file = files[i]!;
    const found = await findInFile(settings, file, zxid);
    const overlapsNext = point === undefined || found.last >= files[i + 1]!.first;
    if (!overlapsNext) break;
    if (point === undefined || found.last > zxid) {
      point = { file, end: found.end };
      isThere = found.isThere;
    } else isThere ||= found.isThere;
  }
  return isThere ? point : undefined;
}

interface FoundInFile {
  /** Whether the entry stands before all that are above it. */
  readonly isThere: boolean;
  /** Where the first entry above it begins, or the last record ends. */
  readonly end: number;
  /** The highest zxid in the file. */
  readonly last: Zxid;
}

async function findInFile(settings: Settings, toRead: LogFileToRead, zxid: Zxid): Promise<FoundInFile> {
  let isThere = false;
  let end = LOG_HEADER_BYTES;
  let last = ZXID_NONE;
  await withFile(settings, toRead, async (file, size) => {
    const scanned = await scanLog(file, size, settings.entryBytesMax, (record) => {
      if (record.zxid > last) last = record.zxid;
      if (last > zxid) return;
      isThere ||= record.zxid === zxid;
      end = record.end;
    });
    if (scanned.fault !== undefined) throw damage(toRead.path, scanned.offset, scanned.fault);
  });
  return { isThere, end, last };
}

async function withFile(
  settings: Settings,
  { path, durableEnd }: LogFileToRead,
  work: (file: DiskFile, size: number) => Promise<void>,
): Promise<void> {
  const file = await settings.disk.open(path, 'read');
  try {
    await work(file, durableEnd ?? (await settings.disk.stat(path))?.size ?? 0);
  } finally {
    await file.close();
  }
}
