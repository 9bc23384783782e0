import { connect, type Socket } from 'node:net';
import {
  type Connection,
  type ConnectionHandler,
  type ConnectOptions,
  TransportError,
} from '@corral/transport';
import { TcpConnection } from './connection.ts';
import { lookUpShuffled } from './lookup.ts';
import { readsInto } from './read-buffer.ts';
import { toTransportError } from './system.ts';

export function dial(
  options: ConnectOptions,
  open: (connection: Connection) => ConnectionHandler,
  isShared: boolean,
): Promise<Connection> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const doing = `connect to ${options.host}:${options.port}`;
  const connection = new TcpConnection();
  const socket: Socket = connect({
    host: options.host,
    port: options.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: options.keepAlive === true,
    lookup: lookUpShuffled,
    // Of several addresses the next is tried after this, while there is time left for it.
    autoSelectFamilyAttemptTimeout: Math.max(10, Math.min(1000, Math.floor(options.timeoutMs / 2))),
    ...(isShared && { onread: readsInto(connection.take) }),
  });
  const settle = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abandon);
  };
  const fail = (error: Error): void => {
    settle();
    socket.destroy();
    reject(toTransportError(error, doing));
  };
  const abandon = (): void => {
    settle();
    // The error of a dial that was taken back is nobody's; `fail` swallows it.
    socket.destroy();
    reject(signal?.reason);
  };
  const timer = setTimeout(
    () => fail(new TransportError('TIMEOUT', `${doing}: no answer within ${options.timeoutMs} ms`)),
    options.timeoutMs,
  );
  signal?.addEventListener('abort', abandon);
  socket.on('error', fail);
  socket.once('connect', () => {
    settle();
    socket.off('error', fail);
    if (!isShared) socket.on('data', connection.take);
    connection.attach(socket);
    try {
      connection.start(open(connection));
      resolve(connection);
    } catch (error) {
      connection.destroy();
      reject(error);
    }
  });
  return promise;
}
