import { createServer, type Server, type Socket } from 'node:net';
import type { Address, Connection, ConnectionHandler, Listener, ListenOptions } from '@corral/transport';
import { TcpConnection } from './connection.ts';
import { acceptHandles, overSharedBuffer, passOnNoDelay } from './read-buffer.ts';
import { plainIp, toTransportError } from './system.ts';

export function listen(
  options: ListenOptions,
  accept: (connection: Connection) => ConnectionHandler,
  isShared: boolean,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const isKeptAlive = options.keepAlive === true;
  const server = createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: isKeptAlive,
    pauseOnConnect: true,
  });
  const opening = (error: Error): void =>
    reject(toTransportError(error, `listen on ${options.host}:${options.port}`));
  server.once('error', opening);
  server.on('connection', (socket) => {
    const connection = new TcpConnection();
    socket.on('data', connection.take);
    welcome(connection, socket, accept);
  });
  server.listen({ host: options.host, port: options.port, ...backlogOf(options) }, () => {
    server.off('error', opening);
    // What goes wrong from here on is about one connection, which is lost; the listener lives on. (When no descriptor
    // is left, libuv turns callers away by itself and Node does not hear of it.)
    server.on('error', () => {});
    if (isShared) {
      const isInherited = passOnNoDelay(server);
      acceptHandles(server, (handle) => {
        const connection = new TcpConnection();
        const socket = overSharedBuffer(handle, connection.take);
        if (!isInherited) socket.setNoDelay(true);
        if (isKeptAlive) socket.setKeepAlive(true);
        welcome(connection, socket, accept);
      });
    }
    resolve(new TcpListener(server));
  });
  return promise;
}

function welcome(
  connection: TcpConnection,
  socket: Socket,
  accept: (connection: Connection) => ConnectionHandler,
): void {
  connection.attach(socket);
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
