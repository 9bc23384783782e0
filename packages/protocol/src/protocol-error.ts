/**
 * Why well-encoded bytes make no sense to the protocol. A server answers a client with MARSHALLINGERROR, and ends a link
 * with another server.
 *
 * - `UNKNOWN_OP`: an operation that may not stand there (unknown, or a multi inside a multi).
 * - `MIXED_KINDS`: reads and writes in one multi.
 * - `TOO_MANY_OPS`: more operations than the bound.
 * - `BAD_MODE`: create flags that name no mode, or none that goes with the operation.
 * - `MISSING`: null where a value must stand.
 * - `BAD_VALUE`: a number or a text that names nothing: a server's state, a version, an address.
 */
export type ProtocolErrorCode =
  | 'UNKNOWN_OP'
  | 'MIXED_KINDS'
  | 'TOO_MANY_OPS'
  | 'BAD_MODE'
  | 'MISSING'
  | 'BAD_VALUE';

export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  /** Where the part that failed ends or begins, in bytes from the start of what the reader was given. */
  readonly offset: number;

  constructor(code: ProtocolErrorCode, offset: number, message: string) {
    super(`${code} at byte ${offset}: ${message}`);
    this.name = 'ProtocolError';
    this.code = code;
    this.offset = offset;
  }
}
