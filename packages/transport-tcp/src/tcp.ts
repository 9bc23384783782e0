import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Listener,
  ListenOptions,
  Transport,
} from '@corral/transport';
import { dial } from './dial.ts';
import { listen } from './listener.ts';
import { canShareReadBuffer } from './read-buffer.ts';

export interface TcpOptions {
  /**
   * All connections read into one buffer instead of a fresh one for each read, which takes a quarter of the CPU time
   * off a small request. For connections that arrive this needs a corner of Node that is not documented; where that
   * corner is missing, and on Windows, the ordinary way is taken. Default true.
   */
  readonly sharedReadBuffer?: boolean;
}

/** Connections over TCP. */
export function tcp(options: TcpOptions = {}): Transport {
  const isShared = (options.sharedReadBuffer ?? true) && canShareReadBuffer;
  return {
    listen: (
      where: ListenOptions,
      accept: (connection: Connection) => ConnectionHandler,
    ): Promise<Listener> => listen(where, accept, isShared),
    connect: (
      where: ConnectOptions,
      open: (connection: Connection) => ConnectionHandler,
    ): Promise<Connection> => dial(where, open, isShared),
  };
}
