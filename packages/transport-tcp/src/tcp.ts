import { createServer, connect as dial, type Socket } from 'node:net';
import type {
  Address,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from '@corral/transport';
import { TransportError } from '@corral/transport';
import { TcpConnection } from './connection.ts';
import { toTransportError } from './errors.ts';

/** Connections over TCP. */
export function tcp(): Transport {
  return { listen, connect };
}

function listen(
  options: ListenOptions,
  accept: (connection: Connection) => ConnectionHandler,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: options.keepAlive === true },
    (socket) => {
      const connection = new TcpConnection(socket);
      try {
        connection.start(accept(connection));
      } catch {
        connection.refuse();
      }
    },
  );
  server.once('error', (error) =>
    reject(toTransportError(error, `listen on ${options.host}:${options.port}`)),
  );
  server.listen(
    {
      host: options.host,
      port: options.port,
      ...(options.backlog !== undefined && { backlog: options.backlog }),
    },
    () => {
      // What goes wrong from here on (no descriptor left for a connection) concerns one connection, not the listener.
      server.on('error', () => {});
      resolve(new TcpListener(server));
    },
  );
  return promise;
}

function connect(
  options: ConnectOptions,
  open: (connection: Connection) => ConnectionHandler,
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const target = `${options.host}:${options.port}`;
  const socket: Socket = dial({
    host: options.host,
    port: options.port,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: options.keepAlive === true,
  });
  const failed = (error: Error): void => {
    clearTimeout(timer);
    socket.destroy();
    reject(toTransportError(error, `connect to ${target}`));
  };
  const timer = setTimeout(
    () =>
      failed(new TransportError('TIMEOUT', `connect to ${target}: nothing within ${options.timeoutMs} ms`)),
    options.timeoutMs,
  );
  socket.on('error', failed);
  socket.once('connect', () => {
    clearTimeout(timer);
    socket.off('error', failed);
    const connection = new TcpConnection(socket);
    try {
      connection.start(open(connection));
      resolve(connection);
    } catch (error) {
      connection.refuse();
      reject(error);
    }
  });
  return promise;
}

class TcpListener implements Listener {
  readonly address: Address;
  readonly #server: ReturnType<typeof createServer>;

  constructor(server: ReturnType<typeof createServer>) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('not a TCP listener');
    this.address = { host: bound.address, port: bound.port };
    this.#server = server;
  }

  close(): Promise<void> {
    // server.close() answers only after the last connection; the port itself is free at once.
    this.#server.close();
    return Promise.resolve();
  }
}
