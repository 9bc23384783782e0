import { ByteCursor, uint32At } from './byte-cursor.ts';
import { crc32c, unmask } from './crc32c.ts';

/**
 * Why a table file is not whole, or undefined where it is. LevelDB does not verify the checksums of blocks when it
 * reads them, and a damaged index or Bloom filter makes it overlook keys without a word.
 *
 * A table (LevelDB's doc/table_format.md) is blocks one behind the other - data, filter, metaindex, index - and a
 * footer that says where the last two stand; each of them says where the blocks it knows stand.
 *
 *     block    the content, byte compression (0 for none), uint32 masked CRC-32C of both
 *     footer   handle of metaindex, handle of index, padding, uint64 magic
 *     handle   varint offset, varint length of the content
 */
export function tableFault(bytes: Uint8Array): TableFault | undefined {
  const footerAt = bytes.length - FOOTER_BYTES;
  if (footerAt < 0) return { message: 'a table that is too short', offset: 0 };
  for (const [i, byte] of MAGIC.entries()) {
    if (bytes[bytes.length - MAGIC.length + i] !== byte) return { message: 'not a table', offset: footerAt };
  }
  const found: Handle[] = [];
  try {
    const footer = new ByteCursor(bytes, footerAt, bytes.length - MAGIC.length);
    const metaindex = readHandle(footer);
    const index = readHandle(footer);
    found.push(metaindex, index);
    for (const block of [metaindex, index]) {
      const fault = blockFault(bytes, block, footerAt);
      if (fault !== undefined) return fault;
      found.push(...handlesIn(bytes, block));
    }
  } catch {
    return { message: 'an index that cannot be read', offset: footerAt };
  }
  return layoutFault(
    bytes,
    found.toSorted((a, b) => a.offset - b.offset),
    footerAt,
  );
}

export interface TableFault {
  readonly message: string;
  readonly offset: number;
}

interface Handle {
  readonly offset: number;
  readonly length: number;
}

/** The blocks must fill the file, so that no byte goes unverified. */
function layoutFault(bytes: Uint8Array, blocks: readonly Handle[], footerAt: number): TableFault | undefined {
  let end = 0;
  for (const block of blocks) {
    if (block.offset !== end) return { message: 'blocks that do not follow each other', offset: end };
    const fault = blockFault(bytes, block, footerAt);
    if (fault !== undefined) return fault;
    end = block.offset + block.length + TRAILER_BYTES;
  }
  return end === footerAt ? undefined : { message: 'bytes that belong to no block', offset: end };
}

function blockFault(bytes: Uint8Array, { offset, length }: Handle, footerAt: number): TableFault | undefined {
  const sumAt = offset + length + 1;
  if (sumAt + 4 > footerAt) return { message: 'a block that goes beyond its place', offset };
  if (crc32c(bytes, offset, sumAt) !== unmask(uint32At(bytes, sumAt))) {
    return { message: 'a block whose checksum does not match', offset };
  }
  return undefined;
}

/** The values of a block that holds handles: entries, then the offsets where keys stand unabridged, and their count. */
function handlesIn(bytes: Uint8Array, { offset, length }: Handle): Handle[] {
  const handles: Handle[] = [];
  const end = offset + length;
  if (bytes[end] !== 0) throw new RangeError('a compressed index');
  const restarts = uint32At(bytes, end - 4);
  const entries = new ByteCursor(bytes, offset, end - 4 - 4 * restarts);
  while (!entries.isAtEnd) {
    entries.varint();
    const keyLength = entries.varint();
    const valueLength = entries.varint();
    entries.skip(keyLength);
    const value = entries.at;
    entries.skip(valueLength);
    handles.push(readHandle(new ByteCursor(bytes, value, entries.at)));
  }
  return handles;
}

function readHandle(cursor: ByteCursor): Handle {
  return { offset: cursor.varint(), length: cursor.varint() };
}

const TRAILER_BYTES = 5;
const FOOTER_BYTES = 48;
/** 0xdb4775248b80fb57, the lowest byte first. */
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);
