/**
 * CRC-32 (the one of zip and of java.util.zip.CRC32), by hand because the pure packages have no zlib; eight bytes
 * at a time. The running value is kept inverted, so a checksum can be continued: begin with `CRC_BEGIN`, feed
 * ranges, end with `crcEnd`.
 */
export const CRC_BEGIN = -1;

export function crcUpdate(crc: number, bytes: Uint8Array, start: number, end: number): number {
  const table = TABLE;
  let at = start;
  for (const eightsEnd = end - ((end - start) & 7); at < eightsEnd; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table[0x700 | (crc & 0xff)]! ^
      table[0x600 | ((crc >>> 8) & 0xff)]! ^
      table[0x500 | ((crc >>> 16) & 0xff)]! ^
      table[0x400 | (crc >>> 24)]! ^
      table[0x300 | bytes[at + 4]!]! ^
      table[0x200 | bytes[at + 5]!]! ^
      table[0x100 | bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return crc;
}

/** The checksum itself, unsigned. */
export function crcEnd(crc: number): number {
  return ~crc >>> 0;
}

/** Eight tables of 256: the effect of a byte that has 0 to 7 bytes behind it. */
const TABLE: Int32Array = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = table[before & 0xff]! ^ (before >>> 8);
  }
  return table;
}
