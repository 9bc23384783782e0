import { JuteReader, JuteWriter } from '@corral/jute';
import { toZxid } from '@corral/protocol';
import type { SnapshotTrailer } from '@corral/persistence';

/**
 * A snapshot file before compression (Java: FileSnap, SnapStream):
 *
 *     header    int "ZKSN", int 2, long -1
 *     body
 *     seal      long Adler-32 of every byte so far, ustring "/"
 *     digest    long zxid, int version, long value (a ustring before version 2), and a seal   since 3.6, if enabled
 *     zxid      long lastProcessedZxid, and a seal                                              since 3.9, if enabled
 *
 * The sum runs on over the seals. Which sections follow is told by how many bytes are left.
 */
export const SNAPSHOT_HEADER: Uint8Array = encodeHeader();
/** "/" as a ustring: the last bytes of every complete snapshot that is not compressed. */
export const SEAL_END: Uint8Array = Uint8Array.of(0, 0, 0, 1, 0x2f);
export const SEAL_BYTES = 13;
const DIGEST_BYTES = 20;
const ZXID_BYTES = 8;
/** More than this cannot follow the first seal; a digest of version 1 has at most 20 characters. */
export const TRAILER_BYTES_MAX: number = SEAL_BYTES * 3 + DIGEST_BYTES + ZXID_BYTES + 64;

function encodeHeader(): Uint8Array {
  const writer = new JuteWriter(16);
  writer.writeInt(0x5a4b534e);
  writer.writeInt(2);
  writer.writeLong(-1n);
  return writer.copy();
}

/** The first bytes of a file packed with each method (Java: GZIPInputStream, SnappyCodec). */
export const GZIP_MAGIC: Uint8Array = Uint8Array.of(0x1f, 0x8b);
export const SNAPPY_MAGIC: Uint8Array = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0);

export function encodeSeal(checksum: number): Uint8Array {
  const seal = new Uint8Array(SEAL_BYTES);
  new DataView(seal.buffer).setUint32(4, checksum);
  seal.set(SEAL_END, 8);
  return seal;
}

/** The sections that follow the first seal, each without its own. */
export function encodeSections(trailer: SnapshotTrailer): Uint8Array[] {
  const sections: Uint8Array[] = [];
  const { digest, lastProcessedZxid } = trailer;
  const writer = new JuteWriter(32);
  if (digest !== undefined) {
    writer.writeLongNumber(digest.zxid);
    writer.writeInt(digest.version);
    if (digest.version < 2) writer.writeString(digest.value.toString(16));
    else writer.writeLong(BigInt.asIntN(64, digest.value));
    sections.push(writer.copy());
  }
  if (lastProcessedZxid !== undefined) {
    writer.clear().writeLongNumber(lastProcessedZxid);
    sections.push(writer.copy());
  }
  return sections;
}

/** Where the sections end within `bytes`, which begin behind the first seal. Undefined where they make no sense. */
export interface TrailerLayout {
  /** Each section without its seal; the seal follows at `end`. */
  readonly sections: readonly { readonly start: number; readonly end: number }[];
  readonly trailer: SnapshotTrailer;
}

export function decodeSections(bytes: Uint8Array): TrailerLayout | undefined {
  if (bytes.length === 0) return { sections: [], trailer: {} };
  const zxidStart = bytes.length - ZXID_BYTES - SEAL_BYTES;
  if (zxidStart === 0)
    return { sections: [{ start: 0, end: ZXID_BYTES }], trailer: { lastProcessedZxid: zxidAt(bytes, 0) } };
  const reader = new JuteReader(bytes);
  const zxid = toZxid(reader.readLongNumber());
  const version = reader.readInt();
  const value =
    version < 2 ? BigInt(`0x${reader.readString() ?? '0'}`) : BigInt.asUintN(64, reader.readLong());
  const digest = { zxid, version, value };
  const digestEnd = reader.offset;
  const first = { start: 0, end: digestEnd };
  const behind = digestEnd + SEAL_BYTES;
  if (behind === bytes.length) return { sections: [first], trailer: { digest } };
  if (behind !== zxidStart) return undefined;
  const second = { start: zxidStart, end: zxidStart + ZXID_BYTES };
  return { sections: [first, second], trailer: { digest, lastProcessedZxid: zxidAt(bytes, zxidStart) } };
}

function zxidAt(bytes: Uint8Array, start: number): ReturnType<typeof toZxid> {
  return toZxid(new JuteReader(bytes.subarray(start)).readLongNumber());
}
