import { type Codec, DataError, utf8 } from '@corral/client';

// A node without data is 0: kazoo makes its counters so, and Curator reads them so.

/** Four bytes, the greatest first: Curator's SharedCount and DistributedAtomicInteger, kazoo's Counter for Curator. */
export const int32: Codec<number> = {
  encode: (value) => {
    if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0x7fff_ffff)
      throw new RangeError(`${value} is no integer of 32 bits`);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value);
    return bytes;
  },
  decode: (bytes, path) => (bytes.length === 0 ? 0 : viewOf(bytes, 4, path).getInt32(0)),
};

/** Eight bytes, the greatest first: Curator's DistributedAtomicLong. */
export const int64: Codec<bigint> = {
  encode: (value) => {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} is no integer of 64 bits`);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value);
    return bytes;
  },
  decode: (bytes, path) => (bytes.length === 0 ? 0n : viewOf(bytes, 8, path).getBigInt64(0)),
};

/** Digits: kazoo's Counter as it is. */
export const decimal: Codec<bigint> = {
  encode: (value) => utf8.encode(String(value)),
  decode: (bytes, path) => {
    if (bytes.length === 0) return 0n;
    const text = utf8.decode(bytes, path) as string;
    if (!/^-?\d{1,1000}$/.test(text)) throw new DataError(path, ['it is no integer']);
    return BigInt(text);
  },
};

/** `int32` for who counts with bigints. */
export const int32AsBigint: Codec<bigint> = {
  encode: (value) => int32.encode(Number(value)),
  decode: (bytes, path) => BigInt(int32.decode(bytes, path) as number),
};

function viewOf(bytes: Uint8Array, length: number, path: string): DataView {
  if (bytes.length !== length) throw new DataError(path, [`it has ${bytes.length} bytes, not ${length}`]);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}
