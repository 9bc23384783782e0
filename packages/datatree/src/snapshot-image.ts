import type { Zxid } from '@corral/protocol';
import type { DataTree, ZxidDigest } from './data-tree.ts';

/**
 * The tree as it is when this is constructed, as the body of a snapshot, in slices. The tree may change
 * meanwhile: what changes is written out before it does.
 */
export class SnapshotImage {
  /** The snapshot's name: everything up to it is in, nothing after it. */
  readonly zxid: Zxid = 0 as Zxid;
  /** For the trailer; undefined where digests are off. */
  readonly digest: ZxidDigest | undefined;

  constructor(_tree: DataTree) {}

  /** The next piece, of about `bytesMax` bytes, valid until the next call; undefined when all has been given. */
  next(_bytesMax: number): Uint8Array | undefined {
    throw new Error('unwritten');
  }

  /** Gives up. Must be called for an image that is not read to its end. */
  abort(): void {
    throw new Error('unwritten');
  }
}
