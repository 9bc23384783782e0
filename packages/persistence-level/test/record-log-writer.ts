import { crc32c } from '../src/crc32c.ts';

/** Writes records as LevelDB does. */
export function recordLog(records: readonly Uint8Array[]): Uint8Array {
  const bytes: number[] = [];
  for (const record of records) {
    for (let at = 0, isFirst = true; isFirst || at < record.length; isFirst = false) {
      if (BLOCK_BYTES - (bytes.length % BLOCK_BYTES) < HEAD_BYTES) {
        while (bytes.length % BLOCK_BYTES !== 0) bytes.push(0);
      }
      const room = BLOCK_BYTES - (bytes.length % BLOCK_BYTES) - HEAD_BYTES;
      const content = record.subarray(at, at + room);
      at += content.length;
      const isLast = at === record.length;
      bytes.push(...fragment(isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3, content));
    }
  }
  return Uint8Array.from(bytes);
}

function fragment(type: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + content.length);
  bytes.set(content, HEAD_BYTES);
  bytes[6] = type;
  const sum = crc32c(bytes, 6, bytes.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ((sum >>> 15) | (sum << 17)) + 0xa282ead8, true);
  view.setUint16(4, content.length, true);
  return bytes;
}

const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7;
