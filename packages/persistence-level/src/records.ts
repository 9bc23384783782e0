import { crc32 } from 'node:zlib';
import { PersistenceError } from '@corral/persistence';
import { toZxid, zxidToHex, type Zxid } from '@corral/protocol';
import { Packr } from 'msgpackr';

/**
 * How records stand in LevelDB. A key is one letter of its kind and a zxid of 8 big-endian bytes, so that the order of
 * keys is the order of zxids; a value is msgpack of `[crc, content]`, where the CRC-32 covers key and content:
 * LevelDB does not verify its own block checksums on every read, and a value under the wrong key is damage too.
 */
const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

export const KIND = { entry: 'l', chunk: 'c', manifest: 'm', epoch: 'e' } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export function keyOf(kind: Kind, zxid: number, part?: number): Buffer {
  const key = Buffer.alloc(part === undefined ? 9 : 13);
  key[0] = kind.charCodeAt(0);
  key.writeUInt32BE(Math.floor(zxid / 0x1_0000_0000), 1);
  key.writeUInt32BE(zxid >>> 0, 5);
  if (part !== undefined) key.writeUInt32BE(part, 9);
  return key;
}

/** Above every key of its kind with this zxid, below the next zxid's. */
export function keyBehind(kind: Kind, zxid: number): Buffer {
  return Buffer.concat([keyOf(kind, zxid), Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])]);
}

/** All keys of a kind, as the bounds of a range. */
export function rangeOf(kind: Kind): { readonly gte: Buffer; readonly lt: Buffer } {
  return { gte: Buffer.from([kind.charCodeAt(0)]), lt: Buffer.from([kind.charCodeAt(0) + 1]) };
}

export function zxidOfKey(key: Buffer, file: string): Zxid {
  if (key.length < 9) throw new PersistenceError('DAMAGED', 'a key of unknown form', { file });
  try {
    return toZxid(key.readUInt32BE(1) * 0x1_0000_0000 + key.readUInt32BE(5));
  } catch (cause) {
    throw new PersistenceError('DAMAGED', 'a key of unknown form', { file, cause });
  }
}

/** The value of a record; a copy of `content` in a buffer of its own. */
export function packRecord(key: Buffer, content: unknown): Buffer {
  const packed = packr.pack(content);
  return packr.pack([checksum(key, packed), packed]);
}

/** @throws PersistenceError `DAMAGED`, naming `file` and the record's zxid, where the value is not what was stored */
export function unpackRecord(key: Buffer, value: Buffer, file: string): unknown {
  const damaged = (cause?: unknown): PersistenceError =>
    new PersistenceError('DAMAGED', 'a record whose checksum does not match', {
      file: `${file}/${nameOf(key)}`,
      offset: 0,
      cause,
    });
  try {
    const record: unknown = packr.unpack(value);
    if (!Array.isArray(record) || record.length !== 2) throw damaged();
    const [sum, packed] = record as [unknown, unknown];
    if (!(packed instanceof Uint8Array) || sum !== checksum(key, packed)) throw damaged();
    return packr.unpack(packed);
  } catch (cause) {
    throw cause instanceof PersistenceError ? cause : damaged(cause);
  }
}

/** How messages call the record of a key: its zxid in hexadecimal, as Apache names files. */
function nameOf(key: Buffer): string {
  return key.length < 9 ? key.toString('hex') : zxidToHex(zxidOfKey(key, ''));
}

function checksum(key: Uint8Array, packed: Uint8Array): number {
  return crc32(packed, crc32(key));
}
