/**
 * One block of raw Snappy (google/snappy, format_description.txt): its plain length as a varint, then literals and
 * copies of what came before. Made here because nothing well kept offers it without native code; the framing around
 * it is that of Java's SnappyOutputStream (`snapshot-compression.ts`).
 */
export function snappyCompress(plain: Uint8Array): Uint8Array {
  const packed = new Uint8Array(32 + plain.length + Math.ceil(plain.length / 6));
  const table = new Uint16Array(TABLE_SIZE);
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  let to = writeVarint(packed, plain.length);
  let literalFrom = 0;
  let at = 0;
  while (at + 4 <= plain.length) {
    const four = view.getUint32(at, true);
    const slot = Math.imul(four, 0x1e35a7bd) >>> TABLE_SHIFT;
    const candidate = table[slot]!;
    table[slot] = at;
    if (candidate >= at || view.getUint32(candidate, true) !== four) {
      at++;
      continue;
    }
    to = writeLiteral(packed, to, plain, literalFrom, at);
    let end = at + 4;
    while (end < plain.length && plain[end] === plain[candidate + end - at]) end++;
    to = writeCopies(packed, to, at - candidate, end - at);
    at = literalFrom = end;
  }
  return packed.subarray(0, writeLiteral(packed, to, plain, literalFrom, plain.length));
}

/** @throws RangeError where the bytes are no block, or one of more than `plainMax` bytes */
export function snappyUncompress(packed: Uint8Array, plainMax: number): Uint8Array {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = packed[at++];
    if (byte === undefined || shift > 28) throw new RangeError('a snappy block without a length');
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (length > plainMax) throw new RangeError(`a snappy block of ${length} bytes`);
  // No element gives more for its bytes than a copy of 64 for three: a claim beyond that is not believed.
  if (length > (packed.length - at) * PLAIN_PER_PACKED_MAX)
    throw new RangeError(`a snappy block of ${length} bytes in ${packed.length}`);
  const plain = new Uint8Array(length);
  let to = 0;
  while (at < packed.length) {
    const tag = packed[at++]!;
    const kind = tag & 3;
    let count = (tag >>> 2) + 1;
    // A literal's length and a copy's offset: so many bytes, little-endian.
    const extra = kind === LITERAL ? Math.max(count - 60, 0) : kind === COPY_4 ? 4 : kind;
    if (extra > packed.length - at) throw new RangeError('a snappy block that ends within an element');
    let value = 0;
    for (let i = 0; i < extra; i++) value += packed[at++]! * 2 ** (8 * i);
    if (kind === LITERAL) {
      if (extra > 0) count = value + 1;
      if (count > packed.length - at || count > length - to)
        throw new RangeError('a snappy literal too long');
      plain.set(packed.subarray(at, at + count), to);
      at += count;
    } else {
      if (kind === COPY_1) {
        value += (tag >>> 5) << 8;
        count = ((tag >>> 2) & 7) + 4;
      }
      if (value === 0 || value > to || count > length - to)
        throw new RangeError('a snappy copy of what is not there');
      // It may overlap what it makes, so byte by byte.
      for (let i = 0; i < count; i++) plain[to + i] = plain[to + i - value]!;
    }
    to += count;
  }
  if (to !== length) throw new RangeError('a snappy block shorter than it says');
  return plain;
}

/** The most plain bytes `snappyCompress` takes: offsets within it fit into 16 bits. */
export const SNAPPY_BLOCK_BYTES: number = 1 << 15;

const PLAIN_PER_PACKED_MAX = 64 / 3;
const LITERAL = 0;
const COPY_1 = 1;
const COPY_4 = 3;
const TABLE_SIZE = 1 << 13;
const TABLE_SHIFT = 32 - 13;

function writeVarint(into: Uint8Array, value: number): number {
  let at = 0;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return at;
}

function writeLiteral(into: Uint8Array, at: number, from: Uint8Array, start: number, end: number): number {
  if (start === end) return at;
  const last = end - start - 1;
  let to = at;
  if (last < 60) into[to++] = last << 2;
  else if (last < 0x100) {
    into[to++] = 60 << 2;
    into[to++] = last;
  } else {
    into[to++] = 61 << 2;
    into[to++] = last & 0xff;
    into[to++] = last >>> 8;
  }
  into.set(from.subarray(start, end), to);
  return to + end - start;
}

/** Copies of two-byte offsets, each of at most 64 bytes. */
function writeCopies(into: Uint8Array, at: number, offset: number, length: number): number {
  let to = at;
  for (let rest = length; rest > 0;) {
    const count = Math.min(rest, 64);
    into[to++] = ((count - 1) << 2) | 2;
    into[to++] = offset & 0xff;
    into[to++] = offset >>> 8;
    rest -= count;
  }
  return to;
}
