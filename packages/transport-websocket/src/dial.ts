import {
  type Connection,
  type ConnectionHandler,
  type ConnectOptions,
  TransportError,
} from '@corral/transport';
import { WebSocketConnection } from './connection.ts';

export function dial(
  url: string,
  subprotocols: string[],
  options: ConnectOptions,
  open: (connection: Connection) => ConnectionHandler,
): Promise<Connection> {
  const { signal, timeoutMs, host, port } = options;
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const socket = new WebSocket(url, subprotocols);
  socket.binaryType = 'arraybuffer';
  let reason = '';
  const settle = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abandon);
    socket.removeEventListener('open', onOpen);
    socket.removeEventListener('close', onClose);
  };
  /** The listener of 'error' stays: what a dial that was given up still has to say is nobody's. */
  const fail = (error: unknown): void => {
    settle();
    socket.close();
    reject(error);
  };
  const abandon = (): void => fail(signal?.reason);
  const onOpen = (): void => {
    settle();
    const connection = new WebSocketConnection(socket, { host, port });
    try {
      connection.start(open(connection));
      resolve(connection);
    } catch (error) {
      connection.destroy();
      reject(error);
    }
  };
  /** A browser tells no page why; others give a hint with the error that comes before. */
  const onClose = (): void =>
    fail(new TransportError('UNREACHABLE', `connect to ${url}: no WebSocket${reason && ` (${reason})`}`));
  const timer = setTimeout(
    () => fail(new TransportError('TIMEOUT', `connect to ${url}: no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  signal?.addEventListener('abort', abandon);
  socket.addEventListener('open', onOpen);
  socket.addEventListener('close', onClose);
  socket.addEventListener('error', (event) => (reason = hintOf(event)));
  return promise;
}

function hintOf(event: object): string {
  return 'message' in event && typeof event.message === 'string' ? event.message : '';
}
