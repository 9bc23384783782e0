import { TransportError, type TransportErrorCode } from '@corral/transport';

const CODES: Readonly<Record<string, TransportErrorCode>> = {
  EADDRINUSE: 'ADDRESS_IN_USE',
  EADDRNOTAVAIL: 'ADDRESS_UNAVAILABLE',
  EACCES: 'ACCESS_DENIED',
  EPERM: 'ACCESS_DENIED',
  ECONNREFUSED: 'REFUSED',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENOTFOUND: 'NAME_NOT_FOUND',
  EAI_AGAIN: 'NAME_NOT_FOUND',
  ETIMEDOUT: 'TIMEOUT',
};

/** The contract's word for what the system said; anything unheard of ended the connection: `RESET`. */
export function toTransportError(error: Error, doing: string): TransportError {
  if (error instanceof TransportError) return error;
  const systemCode = (error as NodeJS.ErrnoException).code ?? '';
  return new TransportError(CODES[systemCode] ?? 'RESET', `${doing}: ${error.message}`, { cause: error });
}
