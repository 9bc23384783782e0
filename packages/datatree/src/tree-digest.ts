import { crcEnd, crcUpdate } from './crc32.ts';
import {
  CVERSION,
  OWNER,
  STAT_AVERSION,
  STAT_CTIME,
  STAT_PZXID,
  type NodeId,
  wordsAt,
} from './node-record.ts';
import type { NodeStore } from './node-store.ts';

/** The version of the digest that is computed here (DigestCalculator). */
export const DIGEST_VERSION = 2;

/**
 * A sum of node digests, modulo 2^64, in two halves: exact where one number would not be, and no bigint until
 * somebody asks.
 */
export class DigestSum {
  #high = 0;
  #low = 0;

  add(digest: number): void {
    const low = this.#low + digest;
    this.#low = low >>> 0;
    if (low > 0xffff_ffff) this.#high = (this.#high + 1) >>> 0;
  }

  subtract(digest: number): void {
    const low = this.#low - digest;
    this.#low = low >>> 0;
    if (low < 0) this.#high = (this.#high - 1) >>> 0;
  }

  copyFrom(other: DigestSum): void {
    this.#high = other.#high;
    this.#low = other.#low;
  }

  /** The upper half, unsigned. */
  get high(): number {
    return this.#high;
  }

  get low(): number {
    return this.#low;
  }

  /** As a signed long, the form it has in transactions. */
  get value(): bigint {
    if (this.#high < 0x20_0000) return BigInt(this.#high * 0x1_0000_0000 + this.#low);
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low));
  }
}

/**
 * The Stat of one node in the order the digest wants it: czxid, mzxid, pzxid, ctime, mtime, version, cversion,
 * aversion, ephemeralOwner. Sixty bytes that are filled anew for every node.
 */
export class DigestStat {
  readonly #bytes: Uint8Array = new Uint8Array(DIGEST_STAT_BYTES);
  readonly #words: Uint32Array = new Uint32Array(this.#bytes.buffer);
  readonly #view: DataView = new DataView(this.#bytes.buffer);

  /** The digest of a node whose path and data gave `bodyCrc`. */
  ofNode(store: NodeStore, node: NodeId, bodyCrc: number): number {
    const from = store.segment(node).words;
    const base = wordsAt(node);
    const to = this.#words;
    for (let i = 0; i < 4; i++) to[i] = from[base + i]!;
    to[4] = from[base + STAT_PZXID / 4]!;
    to[5] = from[base + STAT_PZXID / 4 + 1]!;
    // ctime, mtime and version lie together.
    for (let i = 0; i < 5; i++) to[6 + i] = from[base + STAT_CTIME / 4 + i]!;
    this.#view.setInt32(44, from[base + CVERSION]!);
    to[12] = from[base + STAT_AVERSION / 4]!;
    to[13] = from[base + OWNER]!;
    to[14] = from[base + OWNER + 1]!;
    return crcEnd(crcUpdate(bodyCrc, this.#bytes, 0, DIGEST_STAT_BYTES));
  }
}

/** Nodes below /zookeeper are left out: quotas change them on each server by itself (ZOOKEEPER-3114). */
export function isDigested(path: string): boolean {
  return !path.startsWith('/zookeeper/');
}

const DIGEST_STAT_BYTES = 60;
