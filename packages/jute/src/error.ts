/**
 * Why bytes could not be read.
 *
 * - `TRUNCATED`: the value ends beyond the last byte.
 * - `BAD_LENGTH`: a length or count is negative (other than -1 for null) or larger than its bound.
 * - `BAD_TEXT`: a string is not UTF-8.
 * - `OUT_OF_RANGE`: a long does not fit the number that was asked for.
 * - `TRAILING`: bytes are left over where a record must end.
 */
export type JuteErrorCode = 'TRUNCATED' | 'BAD_LENGTH' | 'BAD_TEXT' | 'OUT_OF_RANGE' | 'TRAILING';

export class JuteError extends Error {
  readonly code: JuteErrorCode;
  /** Where the value that failed begins, in bytes from the start of what the reader was given. */
  readonly offset: number;

  constructor(code: JuteErrorCode, offset: number, message: string) {
    super(`${code} at byte ${offset}: ${message}`);
    this.name = 'JuteError';
    this.code = code;
    this.offset = offset;
  }
}
