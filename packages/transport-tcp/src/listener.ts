import { createServer, type Server, type Socket } from 'node:net';
import type { Address, Connection, ConnectionHandler, Listener, ListenOptions } from '@corral/transport';
import { TcpConnection } from './connection.ts';
import { moveToSharedBuffer } from './read-buffer.ts';
import { plainIp, toTransportError } from './system.ts';

export function listen(
  options: ListenOptions,
  accept: (connection: Connection) => ConnectionHandler,
  isShared: boolean,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: options.keepAlive === true,
    pauseOnConnect: true,
  });
  const opening = (error: Error): void =>
    reject(toTransportError(error, `listen on ${options.host}:${options.port}`));
  server.once('error', opening);
  server.on('connection', (socket) => welcome(socket, accept, isShared));
  server.listen({ host: options.host, port: options.port, ...backlogOf(options) }, () => {
    server.off('error', opening);
    // What goes wrong from here on is about one connection, which is lost; the listener lives on. (When no descriptor
    // is left, libuv turns callers away by itself and Node does not hear of it.)
    server.on('error', () => {});
    resolve(new TcpListener(server));
  });
  return promise;
}

function welcome(
  accepted: Socket,
  accept: (connection: Connection) => ConnectionHandler,
  isShared: boolean,
): void {
  const connection = new TcpConnection();
  const moved = isShared ? moveToSharedBuffer(accepted, connection.take) : undefined;
  if (moved === undefined) accepted.on('data', connection.take);
  connection.attach(moved ?? accepted);
  // It has gone again while it waited to be accepted.
  if (connection.remote.host === '') return connection.destroy();
  try {
    connection.start(accept(connection));
  } catch {
    connection.destroy();
  }
}

function backlogOf(options: ListenOptions): { backlog?: number } {
  return options.backlog === undefined ? {} : { backlog: options.backlog };
}

class TcpListener implements Listener {
  readonly address: Address;
  readonly #server: Server;

  constructor(server: Server) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('not a TCP listener');
    this.address = { host: plainIp(bound.address), port: bound.port };
    this.#server = server;
  }

  close(): Promise<void> {
    // The port is free when this returns; what Node calls back for is the end of the last connection.
    this.#server.close();
    return Promise.resolve();
  }
}
