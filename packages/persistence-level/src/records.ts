import { crc32 } from 'node:zlib';
import { PersistenceError } from '@corral/persistence';
import { toZxid, zxidToHex, type Zxid } from '@corral/protocol';
import { Packr } from 'msgpackr';

/**
 * How records stand in LevelDB. A key is one letter of its kind and a zxid of 8 big-endian bytes, so that the order of
 * keys is the order of zxids; a value is msgpack of `[crc, bytes]`, where the CRC-32 covers key and bytes: LevelDB does
 * not verify its own block checksums when it reads, and a value under the wrong key is damage too. The bytes are those
 * of entries or of a chunk, or msgpack again.
 */
const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

export const KIND = { entry: 'l', chunk: 'c', manifest: 'm', epoch: 'e' } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export function keyOf(kind: Kind, zxid: number): Buffer {
  return writeZxid(Buffer.allocUnsafe(KEY_BYTES), kind, zxid);
}

/** A chunk is one of a generation: while a snapshot replaces one of the same zxid, there are two of them. */
export function chunkKey(zxid: number, generation: number, part: number): Buffer {
  const key = writeZxid(Buffer.allocUnsafe(CHUNK_KEY_BYTES), KIND.chunk, zxid);
  key[KEY_BYTES] = generation;
  key.writeUInt32BE(part, KEY_BYTES + 1);
  return key;
}

export interface Range {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

/** All keys of a kind. */
export function rangeOf(kind: Kind): Range {
  return { gte: Buffer.from([kind.charCodeAt(0)]), lt: Buffer.from([kind.charCodeAt(0) + 1]) };
}

/** All chunks of one generation of a snapshot. */
export function chunksOf(zxid: number, generation: number): Range {
  return { gte: chunkKey(zxid, generation, 0), lt: chunkKey(zxid, generation + 1, 0) };
}

/** @throws PersistenceError `DAMAGED` where no key of ours looks like that */
export function zxidOfKey(key: Buffer, file: string): Zxid {
  const length = key[0] === KIND.chunk.charCodeAt(0) ? CHUNK_KEY_BYTES : KEY_BYTES;
  try {
    if (key.length !== length) throw new RangeError(`a key of ${key.length} bytes`);
    return toZxid(key.readUInt32BE(1) * 0x1_0000_0000 + key.readUInt32BE(5));
  } catch (cause) {
    throw new PersistenceError('DAMAGED', 'a key of unknown form', {
      file: `${file}/${key.toString('hex')}`,
      offset: 0,
      cause,
    });
  }
}

export function generationOfKey(key: Buffer): number {
  return key[KEY_BYTES]!;
}

/** The value of a record; a copy of `bytes` in a buffer of its own. */
export function packBytes(key: Buffer, bytes: Uint8Array): Buffer {
  return packr.pack([checksum(key, bytes), bytes]);
}

export function packRecord(key: Buffer, content: unknown): Buffer {
  return packBytes(key, packr.pack(content));
}

/** @throws PersistenceError `DAMAGED`, naming `file` and the record, where the value is not what was stored */
export function unpackBytes(key: Buffer, value: Buffer, file: string): Uint8Array {
  try {
    const record: unknown = packr.unpack(value);
    if (Array.isArray(record) && record.length === 2) {
      const [sum, bytes] = record as [unknown, unknown];
      if (bytes instanceof Uint8Array && sum === checksum(key, bytes)) return plain(bytes);
    }
  } catch (cause) {
    throw damagedRecord(key, file, 'a record that cannot be unpacked', cause);
  }
  throw damagedRecord(key, file, 'a record whose checksum does not match');
}

/** @throws PersistenceError `DAMAGED` */
export function unpackRecord(key: Buffer, value: Buffer, file: string): unknown {
  const bytes = unpackBytes(key, value, file);
  try {
    return packr.unpack(bytes);
  } catch (cause) {
    throw damagedRecord(key, file, 'a record that cannot be unpacked', cause);
  }
}

/** A record is called by kind and zxid in hexadecimal: `path/of/database/l.1f`. */
export function damagedRecord(key: Buffer, file: string, message: string, cause?: unknown): PersistenceError {
  const name = `${String.fromCharCode(key[0]!)}.${zxidToHex(zxidOfKey(key, file))}`;
  return new PersistenceError('DAMAGED', message, { file: `${file}/${name}`, offset: 0, cause });
}

/** Bytes without the habits of Buffer, whose `slice` copies nothing. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function writeZxid(key: Buffer, kind: Kind, zxid: number): Buffer {
  key[0] = kind.charCodeAt(0);
  key.writeUInt32BE(Math.floor(zxid / 0x1_0000_0000), 1);
  key.writeUInt32BE(zxid >>> 0, 5);
  return key;
}

function checksum(key: Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key));
}

const KEY_BYTES = 9;
const CHUNK_KEY_BYTES = KEY_BYTES + 5;
