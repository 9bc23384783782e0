import { ENTRY_BYTES_MIN, ENTRY_ZXID_AT } from '@corral/persistence';
import { adler32 } from './adler32.ts';

/**
 * A log file: the header, records, and zeros up to the end of the file (Java: FileTxnLog, FileHeader).
 *
 *     header   int "ZKLG", int 2, long 0
 *     record   long Adler-32 of the entry, int length, the entry, byte 'B'
 *
 * An entry begins with a TxnHeader: long clientId, int cxid, long zxid, long time, int type.
 */
export const LOG_HEADER: Uint8Array = Uint8Array.of(
  0x5a,
  0x4b,
  0x4c,
  0x47,
  0,
  0,
  0,
  2,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
);
export const LOG_HEADER_BYTES = 16;
/** Checksum and length, before the entry. */
export const RECORD_HEAD_BYTES = 12;
/** What a record adds to its entry. */
export const RECORD_OVERHEAD_BYTES: number = RECORD_HEAD_BYTES + 1;
export const RECORD_END = 0x42;
/**
 * Why the bytes at `at` are no whole record, or undefined where they are one. `end` is how far `bytes` goes; the
 * caller has made sure that a record of the length it claims would fit, or that the file ends before.
 */
export function recordFault(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  entryBytesMax: number,
): string | undefined {
  if (end - at < RECORD_HEAD_BYTES) return 'a record begins and the file ends';
  const length = view.getInt32(at + 8);
  if (length < ENTRY_BYTES_MIN || length > entryBytesMax) return `a record with a length of ${length}`;
  const entryAt = at + RECORD_HEAD_BYTES;
  const entryEnd = entryAt + length;
  if (entryEnd >= end) return `a record of ${length} bytes goes beyond the end of the file`;
  if (bytes[entryEnd] !== RECORD_END) return 'a record without its end mark';
  if (view.getInt32(at) !== 0 || view.getUint32(at + 4) !== adler32(bytes, entryAt, entryEnd)) {
    return 'a record whose checksum does not match';
  }
  const zxidHigh = view.getInt32(entryAt + ENTRY_ZXID_AT);
  if (zxidHigh < 0 || zxidHigh > ZXID_HIGH_MAX) return 'a record with an impossible zxid';
  return undefined;
}

/** The zxid of the entry at `entryAt`, of a record that `recordFault` has passed. */
export function entryZxid(view: DataView, entryAt: number): number {
  return view.getInt32(entryAt + ENTRY_ZXID_AT) * 0x1_0000_0000 + view.getUint32(entryAt + ENTRY_ZXID_AT + 4);
}

const ZXID_HIGH_MAX = 0x1f_ffff;
