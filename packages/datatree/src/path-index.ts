import type { NodeId } from './node-record.ts';
import type { NodeStore } from './node-store.ts';

/**
 * Finds nodes by the hash of their path: open addressing, each entry the hash and the node, so that most misses
 * are told without looking at a node.
 *
 * The table is cut into 256 shards by the top byte of the hash, and each grows by itself: with a million nodes
 * that moves some six thousand entries, well under a millisecond, where one table would stop the server for all.
 */
export class PathIndex {
  readonly #store: NodeStore;
  readonly #shards: Uint32Array[] = Array.from({ length: SHARDS }, () => new Uint32Array(SHARD_BEGIN * 2));
  readonly #counts: Uint32Array = new Uint32Array(SHARDS);

  constructor(store: NodeStore) {
    this.#store = store;
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const shard of this.#shards) bytes += shard.byteLength;
    return bytes;
  }

  /** The node whose path is `path[start, end)`, or 0. */
  find(hash: number, path: Uint8Array, start: number, end: number): NodeId {
    const shard = this.#shards[hash >>> SHARD_SHIFT]!;
    const mask = (shard.length >>> 1) - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = shard[slot * 2 + 1]!;
      if (node === 0) return 0;
      if (shard[slot * 2] === hash && this.#store.isPath(node, path, start, end)) return node;
    }
  }

  /** The path must not be there yet. */
  add(hash: number, node: NodeId): void {
    const number = hash >>> SHARD_SHIFT;
    let shard = this.#shards[number]!;
    const count = ++this.#counts[number]!;
    // At most three quarters full.
    if (count * 8 > shard.length * 3) {
      shard = grown(shard);
      this.#shards[number] = shard;
    }
    place(shard, hash, node);
  }

  remove(hash: number, node: NodeId): void {
    const number = hash >>> SHARD_SHIFT;
    const shard = this.#shards[number]!;
    const mask = (shard.length >>> 1) - 1;
    let hole = hash & mask;
    while (shard[hole * 2 + 1] !== node) hole = (hole + 1) & mask;
    // Entries behind the hole that would no longer be found move into it: no tombstones, lookups stay short.
    for (let slot = (hole + 1) & mask; shard[slot * 2 + 1] !== 0; slot = (slot + 1) & mask) {
      const home = shard[slot * 2]! & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      shard[hole * 2] = shard[slot * 2]!;
      shard[hole * 2 + 1] = shard[slot * 2 + 1]!;
      hole = slot;
    }
    shard[hole * 2 + 1] = 0;
    this.#counts[number]!--;
  }
}

function grown(shard: Uint32Array): Uint32Array {
  const larger = new Uint32Array(shard.length * 2);
  for (let i = 0; i < shard.length; i += 2) {
    if (shard[i + 1] !== 0) place(larger, shard[i]!, shard[i + 1]!);
  }
  return larger;
}

function place(shard: Uint32Array, hash: number, node: NodeId): void {
  const mask = (shard.length >>> 1) - 1;
  let slot = hash & mask;
  while (shard[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
  shard[slot * 2] = hash;
  shard[slot * 2 + 1] = node;
}

const SHARDS = 256;
const SHARD_SHIFT = 24;
/** Slots of an empty shard. */
const SHARD_BEGIN = 8;
