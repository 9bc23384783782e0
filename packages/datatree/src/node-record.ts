/** A handle of a node; 0 is none. Valid until the next `apply`: a deleted node's number is given to a new one. */
export type NodeId = number;

/** The first record ever used. */
export const ROOT: NodeId = 1;

/*
 * A record is 128 bytes, two cache lines. The first 68 are the Stat as clients see it, in wire form, so that a
 * reply copies them and computes nothing. Fields behind it are words in the machine's own order, but for the owner.
 */

/** Fields of the Stat, in bytes from the start of the record. */
export const STAT_CZXID = 0;
export const STAT_MZXID = 8;
export const STAT_CTIME = 16;
export const STAT_MTIME = 24;
export const STAT_VERSION = 32;
/** Creates and deletes of children: twice the stored `CVERSION` less the number of children. */
export const STAT_CVERSION = 36;
export const STAT_AVERSION = 40;
/** The session of an ephemeral node; 0 for containers and TTL nodes, whose owner is in `OWNER`. */
export const STAT_OWNER = 44;
/** 0 for null data too: `DATA_IS_NULL` tells. */
export const STAT_DATA_LENGTH = 52;
export const STAT_CHILDREN = 56;
export const STAT_PZXID = 60;
export const STAT_BYTES = 68;

/** Fields behind the Stat, in words from the start of the record. */
export const CVERSION = 17;
/** Two words in network order. */
export const OWNER = 18;
export const OWNER_BYTES: number = OWNER * 4;
export const PARENT = 20;
export const FIRST_CHILD = 21;
/** The next sibling, 0 at the last. */
export const NEXT = 22;
/** The sibling before; of the first child the last one. */
export const PREV = 23;
/** A ref of the slab: the bytes of the name. */
export const NAME = 24;
/** The length of the name in its low bits, flags above. */
export const NAME_LENGTH = 25;
/** A ref of the slab, 0 where there is nothing to store. */
export const DATA = 26;
/** An id of the ACL cache. */
export const ACL = 27;
/** The checksum after path and data, so that a change of the Stat costs 60 bytes of checksum whatever the data. */
export const BODY_CRC = 28;
/** What the node adds to the tree's digest. */
export const DIGEST = 29;
/** All nodes below. */
export const DESCENDANTS = 30;
/** Four bytes, one for each lane of snapshot images: the last image of that lane that has this node. */
export const STAMPS = 31;

export const NAME_LENGTH_MASK = 0x00ff_ffff;
export const DATA_IS_NULL = 0x0100_0000;
/** The node is below /zookeeper: the digest leaves it out. */
export const NOT_DIGESTED = 0x0200_0000;
export const KIND_SHIFT = 28;
export const KIND_MASK = 0x3000_0000;

const RECORD_WORDS_SHIFT = 5;
export const RECORD_WORDS: number = 1 << RECORD_WORDS_SHIFT;
export const SEGMENT_SHIFT = 14;
const SEGMENT_RECORDS = 1 << SEGMENT_SHIFT;

/** 16,384 records in 2 MiB. The system gives the memory as records are first written. */
export class Segment {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;

  constructor() {
    const buffer = new ArrayBuffer(SEGMENT_RECORDS * RECORD_WORDS * 4);
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** Where in its segment the record begins, in words. */
export function wordsAt(node: NodeId): number {
  return (node & (SEGMENT_RECORDS - 1)) << RECORD_WORDS_SHIFT;
}

/** The same in bytes. */
export function bytesAt(node: NodeId): number {
  return (node & (SEGMENT_RECORDS - 1)) << (RECORD_WORDS_SHIFT + 2);
}
