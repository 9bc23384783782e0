import { TransportError, type TransportErrorCode } from '@corral/transport';

/** The contract's word for what the system said; anything else ended a connection: `RESET`. */
export function toTransportError(error: Error, doing: string): TransportError {
  if (error instanceof TransportError) return error;
  const systemCode = (error as NodeJS.ErrnoException).code ?? '';
  const said = error.message === '' ? systemCode : error.message; // that of several addresses is empty
  return new TransportError(CODES.get(systemCode) ?? 'RESET', `${doing}: ${said}`, { cause: error });
}

/** IPv4 as IPv4, also where a listener for both families shows it as `::ffff:10.0.0.1`. */
export function plainIp(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

const CODES: ReadonlyMap<string, TransportErrorCode> = new Map([
  ['EADDRINUSE', 'ADDRESS_IN_USE'],
  ['EADDRNOTAVAIL', 'ADDRESS_UNAVAILABLE'],
  ['EAFNOSUPPORT', 'ADDRESS_UNAVAILABLE'],
  ['EACCES', 'ACCESS_DENIED'],
  ['EPERM', 'ACCESS_DENIED'],
  ['ECONNREFUSED', 'REFUSED'],
  ['EHOSTUNREACH', 'UNREACHABLE'],
  ['EHOSTDOWN', 'UNREACHABLE'],
  ['ENETUNREACH', 'UNREACHABLE'],
  ['ENETDOWN', 'UNREACHABLE'],
  ['ENOTFOUND', 'NAME_NOT_FOUND'],
  ['EAI_AGAIN', 'NAME_NOT_FOUND'],
  ['EAI_FAIL', 'NAME_NOT_FOUND'],
  ['EAI_NONAME', 'NAME_NOT_FOUND'],
  ['EAI_NODATA', 'NAME_NOT_FOUND'],
  ['ETIMEDOUT', 'TIMEOUT'],
  ['EMFILE', 'EXHAUSTED'],
  ['ENFILE', 'EXHAUSTED'],
  ['ENOBUFS', 'EXHAUSTED'],
  ['ENOMEM', 'EXHAUSTED'],
]);
