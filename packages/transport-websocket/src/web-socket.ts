import type { Connection, ConnectionHandler, ConnectOptions, DialingTransport } from '@corral/transport';
import { dial } from './dial.ts';
import { subprotocolsOf } from './subprotocols.ts';

export interface WebSocketOptions {
  /** `wss:` in place of `ws:`. A page that came over HTTPS can dial nothing else. Default false. */
  readonly secure?: boolean;
  /** The path of the URL, for a proxy that has others too. Default `/`. */
  readonly path?: string;
  /** What the server wants to hear (`corral.webSocketToken`). */
  readonly token?: string;
}

/**
 * Connections over the `WebSocket` of the platform: a browser, Node, Bun, Deno. The bytes travel in binary messages, whose
 * borders mean nothing.
 *
 * @throws RangeError for a path or a token that cannot be
 */
export function webSocket(options: WebSocketOptions = {}): DialingTransport {
  const { secure = false, path = '/', token } = options;
  if (!/^\/[^\s#]*$/.test(path)) throw new RangeError(`no path of a URL: "${path}"`);
  const scheme = secure ? 'wss' : 'ws';
  const subprotocols = subprotocolsOf(token);
  return {
    connect: (
      where: ConnectOptions,
      open: (connection: Connection) => ConnectionHandler,
    ): Promise<Connection> => {
      const host = where.host.includes(':') ? `[${where.host}]` : where.host;
      return dial(`${scheme}://${host}:${where.port}${path}`, subprotocols, where, open);
    },
  };
}
