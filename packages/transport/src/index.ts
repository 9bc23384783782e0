export type {
  Address,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  DialingTransport,
  DialSignal,
  Listener,
  ListeningTransport,
  ListenOptions,
  Transport,
} from './transport.ts';
export { TransportError, type TransportErrorCode } from './error.ts';
