/**
 * - `DAMAGED`: bytes that were once whole are not: a wrong checksum, a hole, a missing piece. Nothing is served from them.
 * - `NOT_FOUND`: a snapshot, or a zxid in the log, that is not there.
 * - `NO_SPACE`, `ACCESS_DENIED`, `IO`: the medium refused. After a failed sync the store takes nothing more.
 * - `LOCKED`: another process has the store open.
 * - `CLOSED`: used after `close`, or after it failed.
 */
export type PersistenceErrorCode =
  | 'DAMAGED'
  | 'NOT_FOUND'
  | 'NO_SPACE'
  | 'ACCESS_DENIED'
  | 'IO'
  | 'LOCKED'
  | 'CLOSED';

export class PersistenceError extends Error {
  readonly code: PersistenceErrorCode;
  /** The file (or key) concerned, as the adapter names it. */
  readonly file: string | undefined;
  /** Where in `file`, in bytes. */
  readonly offset: number | undefined;

  constructor(
    code: PersistenceErrorCode,
    message: string,
    where: {
      readonly file?: string | undefined;
      readonly offset?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const place =
      where.file === undefined
        ? ''
        : ` (${where.file}${where.offset === undefined ? '' : ` at byte ${where.offset}`})`;
    super(`${code}: ${message}${place}`, where.cause === undefined ? undefined : { cause: where.cause });
    this.name = 'PersistenceError';
    this.code = code;
    this.file = where.file;
    this.offset = where.offset;
  }
}
