export type {
  Address,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  DialSignal,
  Listener,
  ListenOptions,
  Transport,
} from './transport.ts';
export { TransportError, type TransportErrorCode } from './error.ts';
