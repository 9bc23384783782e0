/**
 * CRC-32C (Castagnoli), the checksum of LevelDB's files. Node offers CRC-32 only. Eight bytes at a time through eight
 * tables: every file of a database is read through it at start-up.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      T7[low & 0xff]! ^
      T6[(low >>> 8) & 0xff]! ^
      T5[(low >>> 16) & 0xff]! ^
      T4[low >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = T0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** How LevelDB stores a checksum: turned and shifted, because a checksum of bytes that hold checksums is weak. */
export function unmask(stored: number): number {
  const turned = (stored - MASK_DELTA) >>> 0;
  return ((turned << 15) | (turned >>> 17)) >>> 0;
}

const MASK_DELTA = 0xa282ead8;
const POLYNOMIAL = 0x82f63b78;

/** Table `n` continues a byte over `n` zero bytes behind it. */
function nextTable(table: Int32Array | undefined): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    if (table !== undefined) return T0[table[byte]! & 0xff]! ^ (table[byte]! >>> 8);
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
}

const T0 = nextTable(undefined);
const T1 = nextTable(T0);
const T2 = nextTable(T1);
const T3 = nextTable(T2);
const T4 = nextTable(T3);
const T5 = nextTable(T4);
const T6 = nextTable(T5);
const T7 = nextTable(T6);
