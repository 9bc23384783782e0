/**
 * - `BAD_LENGTH`: a length or count is negative or beyond what is believed.
 * - `BAD_PATH`: a path that no node can have, or one that was there before.
 * - `NO_PARENT`: a node without the one above it; the root is missing, late or there twice.
 * - `BAD_VALUE`: a zxid, time or owner that cannot be.
 */
export type SnapshotErrorCode = 'BAD_LENGTH' | 'BAD_PATH' | 'NO_PARENT' | 'BAD_VALUE';

/** The body of a snapshot makes no tree. */
export class SnapshotError extends Error {
  readonly code: SnapshotErrorCode;
  /** Where the record that is wrong begins, in bytes from the start of the body. */
  readonly offset: number;

  constructor(code: SnapshotErrorCode, offset: number, message: string) {
    super(`${code} at byte ${offset} of the snapshot's body: ${message}`);
    this.name = 'SnapshotError';
    this.code = code;
    this.offset = offset;
  }
}
