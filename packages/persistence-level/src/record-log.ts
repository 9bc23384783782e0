import { uint32At } from './byte-cursor.ts';
import { crc32c, unmask } from './crc32c.ts';

/**
 * LevelDB's record log, the form of its write-ahead logs and of its MANIFEST (its doc/log_format.md): blocks of
 * 32 KiB, in which fragments stand one behind the other. A record is one fragment, or several in blocks that follow
 * each other. What is too short for a fragment's head at the end of a block stays empty.
 *
 *     fragment   uint32 masked CRC-32C of type and content, uint16 length, byte type, the content
 */
const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

export interface RecordLogEnd {
  /** Where the last whole record ends. */
  readonly offset: number;
  /** What stands there that is neither a whole record nor the end; undefined where nothing or zeros do. */
  readonly fault: RecordFault | undefined;
}

export interface RecordFault {
  readonly message: string;
  /** Where the fragment stands that is wrong. */
  readonly offset: number;
}

/** Hands every record from the beginning up to the first that is not whole to `onRecord`. */
export function scanRecords(
  bytes: Uint8Array,
  onRecord: (record: Uint8Array, offset: number) => void,
): RecordLogEnd {
  const fragments: Uint8Array[] = [];
  let offset = 0;
  let begunAt = 0;
  for (let at = nextHead(0); ; at = nextHead(at)) {
    const message = fragmentFault(bytes, at) ?? orderFault(bytes[at + 6]!, fragments.length > 0);
    if (message !== undefined) {
      const isEnd = isZero(bytes, offset, bytes.length);
      return { offset, fault: isEnd ? undefined : { message, offset: at } };
    }
    const end = endOf(bytes, at);
    const type = bytes[at + 6]!;
    if (fragments.length === 0) begunAt = at;
    fragments.push(bytes.subarray(at + HEAD_BYTES, end));
    if (type === FULL || type === LAST) {
      onRecord(fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments), begunAt);
      fragments.length = 0;
      offset = end;
    }
    at = end;
  }
}

/**
 * Where behind the fragment at `from`, which is not whole, a record begins; undefined where none does. Looked for at
 * every byte of the same block, because no length in it can be trusted, and from the beginning of every later one.
 */
export function findRecordBehind(bytes: Uint8Array, from: number): number | undefined {
  const block = from - (from % BLOCK_BYTES);
  for (let at = from + 1; at < block + BLOCK_BYTES; at++) {
    if (isBeginning(bytes[at + 6]) && fragmentFault(bytes, at) === undefined) return at;
  }
  for (let start = block + BLOCK_BYTES; start < bytes.length; start += BLOCK_BYTES) {
    let at = start;
    while (at < start + BLOCK_BYTES && fragmentFault(bytes, at) === undefined) {
      if (isBeginning(bytes[at + 6])) return at;
      at = endOf(bytes, at);
    }
  }
  return undefined;
}

function isBeginning(type: number | undefined): boolean {
  return type === FULL || type === FIRST;
}

/** Why there is no whole fragment at `at`. */
function fragmentFault(bytes: Uint8Array, at: number): string | undefined {
  if (at + HEAD_BYTES > bytes.length) return 'a record begins and the file ends';
  const end = endOf(bytes, at);
  const type = bytes[at + 6]!;
  if (type === 0 && end === at + HEAD_BYTES) return 'zeros, then data';
  if (end > at - (at % BLOCK_BYTES) + BLOCK_BYTES) return 'a record that goes beyond its block';
  if (end > bytes.length) return 'a record that goes beyond the end of the file';
  if (crc32c(bytes, at + 6, end) !== unmask(uint32At(bytes, at))) {
    return 'a record whose checksum does not match';
  }
  return type > LAST ? `a record of the unknown type ${type}` : undefined;
}

function orderFault(type: number, isInside: boolean): string | undefined {
  if (isInside === isBeginning(type)) {
    return isInside ? 'a record begins inside another' : 'a record without its beginning';
  }
  return undefined;
}

function endOf(bytes: Uint8Array, at: number): number {
  return at + HEAD_BYTES + (bytes[at + 4]! | (bytes[at + 5]! << 8));
}

/** `at`, or the beginning of the next block where no head fits at `at`. */
function nextHead(at: number): number {
  const room = BLOCK_BYTES - (at % BLOCK_BYTES);
  return room < HEAD_BYTES ? at + room : at;
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
