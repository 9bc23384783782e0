import type { Zxid } from '@corral/protocol';
import { DataTree, type DataTreeOptions, type ZxidDigest } from './data-tree.ts';

/** Builds a fresh tree from the body of a snapshot. What it has built after a failure is to be thrown away. */
export class SnapshotLoader {
  readonly #tree: DataTree;
  /** @param valueMax the longest path or data believed, in bytes (jute.maxbuffer plus extrasize) */
  constructor(options: DataTreeOptions, _valueMax?: number) {
    this.#tree = new DataTree(options);
  }

  /** @throws SnapshotError where the bytes make no tree */
  push(_chunk: Uint8Array): number {
    throw new Error('unwritten');
  }

  get ended(): boolean {
    throw new Error('unwritten');
  }

  /** The tree, once `ended`. @param digest what the trailer said, checked when replay gets to its zxid */
  finish(_zxid: Zxid, _digest?: ZxidDigest): DataTree {
    return this.#tree;
  }
}
