/**
 * - `ADDRESS_IN_USE`, `ADDRESS_UNAVAILABLE`, `ACCESS_DENIED`: the listener could not be opened.
 * - `REFUSED`, `UNREACHABLE`, `NAME_NOT_FOUND`, `TIMEOUT`: the dial failed.
 * - `RESET`: the other side or the network ended the connection without an orderly end.
 * - `EXHAUSTED`: the system has no descriptor, port or memory left for one more.
 */
export type TransportErrorCode =
  | 'ADDRESS_IN_USE'
  | 'ADDRESS_UNAVAILABLE'
  | 'ACCESS_DENIED'
  | 'REFUSED'
  | 'UNREACHABLE'
  | 'NAME_NOT_FOUND'
  | 'TIMEOUT'
  | 'RESET'
  | 'EXHAUSTED';

export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'TransportError';
    this.code = code;
  }
}
