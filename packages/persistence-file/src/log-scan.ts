import type { Zxid } from '@corral/protocol';
import { readFully, type DiskFile } from '@corral/persistence';
import {
  entryZxid,
  LOG_HEADER_BYTES,
  RECORD_HEAD_BYTES,
  RECORD_OVERHEAD_BYTES,
  recordFault,
} from './log-format.ts';

/** One record as it passes by. The object is used again for the next one. */
export interface LogRecord {
  zxid: Zxid;
  /** The entry, a view that is valid during the call. */
  bytes: Uint8Array;
  /** The Adler-32 of `bytes`. */
  checksum: number;
  /** Where the record begins, and where the next one would. */
  offset: number;
  end: number;
}

export interface LogScanEnd {
  /** Where the last whole record ends. */
  readonly offset: number;
  /** What is wrong with what stands there; undefined where zeros or the end of the file do. */
  readonly fault: string | undefined;
}

/**
 * Hands the records of a log file to `onRecord`, from behind the header up to `limit` (bytes; the end of the file at
 * most), and tells how they end. The header is the caller's affair.
 */
export async function scanLog(
  file: DiskFile,
  limit: number,
  entryBytesMax: number,
  onRecord: (record: LogRecord) => void | Promise<void>,
): Promise<LogScanEnd> {
  const window = new Window(file, limit);
  const record: LogRecord = { zxid: 0 as Zxid, bytes: NO_BYTES, checksum: 0, offset: 0, end: 0 };
  let offset = LOG_HEADER_BYTES;
  for (;;) {
    let at = window.indexOf(offset);
    if (window.length - at < RECORD_HEAD_BYTES) {
      await window.fill(offset, RECORD_HEAD_BYTES);
      at = 0;
    }
    const available = window.length - at;
    if (isZero(window.bytes, at, at + Math.min(available, RECORD_HEAD_BYTES)))
      return { offset, fault: undefined };
    if (available >= RECORD_HEAD_BYTES) {
      const claimed = window.view.getInt32(at + 8);
      if (claimed > 0 && claimed <= entryBytesMax && claimed + RECORD_OVERHEAD_BYTES > available) {
        await window.fill(offset, claimed + RECORD_OVERHEAD_BYTES);
        at = 0;
      }
    }
    const fault = recordFault(window.bytes, window.view, at, window.length, entryBytesMax);
    if (fault !== undefined) return { offset, fault };
    const entryAt = at + RECORD_HEAD_BYTES;
    const entryEnd = entryAt + window.view.getInt32(at + 8);
    record.zxid = entryZxid(window.view, entryAt) as Zxid;
    record.bytes = window.bytes.subarray(entryAt, entryEnd);
    record.checksum = window.view.getUint32(at + 4);
    record.offset = offset;
    offset += entryEnd + 1 - at;
    record.end = offset;
    const slowed = onRecord(record);
    if (slowed !== undefined) await slowed;
  }
}

/** Where the first and behind the last byte that is not zero stands in `[from, to)`; undefined where all are. */
export async function findData(
  file: DiskFile,
  from: number,
  to: number,
): Promise<{ readonly first: number; readonly end: number } | undefined> {
  const bytes = new Uint8Array(Math.min(WINDOW_BYTES, Math.max(to - from, 0)));
  let first = -1;
  let end = -1;
  for (let at = from; at < to;) {
    const count = await readFully(file, bytes.subarray(0, Math.min(bytes.length, to - at)), at);
    if (count === 0) break;
    if (!isZero(bytes, 0, count)) {
      let i = 0;
      if (first < 0) {
        while (bytes[i] === 0) i++;
        first = at + i;
      }
      i = count;
      while (bytes[i - 1] === 0) i--;
      end = at + i;
    }
    at += count;
  }
  return first < 0 ? undefined : { first, end };
}

/** By words where it can: 64 MiB of padding are read through at every start. */
export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && ((bytes.byteOffset + at) & 3) !== 0) if (bytes[at++] !== 0) return false;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2);
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) return false;
  for (at += words.length * 4; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** A stretch of the file, read ahead in large pieces and moved along. */
class Window {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  readonly #file: DiskFile;
  readonly #limit: number;
  #start = 0;

  constructor(file: DiskFile, limit: number) {
    this.#file = file;
    this.#limit = limit;
    this.bytes = new Uint8Array(Math.min(WINDOW_BYTES, limit));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Where the byte at `offset` of the file stands in `bytes`. */
  indexOf(offset: number): number {
    return offset - this.#start;
  }

  /** Makes `offset` the first byte and reads at least `count` bytes, or as many as there are. */
  async fill(offset: number, count: number): Promise<void> {
    const wanted = Math.min(Math.max(count, WINDOW_BYTES), this.#limit - offset);
    if (wanted > this.bytes.length) {
      this.bytes = new Uint8Array(wanted);
      this.view = new DataView(this.bytes.buffer);
    }
    this.#start = offset;
    this.length = wanted <= 0 ? 0 : await readFully(this.#file, this.bytes.subarray(0, wanted), offset);
  }
}

const WINDOW_BYTES = 1 << 20;
const NO_BYTES = new Uint8Array(0);
