export type {
  Address,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from './transport.ts';
export { TransportError, type TransportErrorCode } from './error.ts';
