import { browserClock, browserRandom } from '@corral/runtime/browser';
import { webSocket, type WebSocketOptions } from '@corral/transport-websocket';
import type { Op } from '../abort-signal.ts';
import type { Client } from '../client.ts';
import { connectedClient } from '../connected-client.ts';
import type { ClientOptions, ClientWorld } from '../create-client.ts';

/** How the server is reached (`corral.webSocketPort`); and any part of the world may be another one than the browser's. */
export interface ConnectOptions extends ClientOptions, WebSocketOptions, Partial<ClientWorld>, Op {}

/**
 * Connects over WebSocket, with the clock and the randomness of the browser. Resolves when a server has answered; rejects,
 * with all that was tried, when none did for `connectTimeout`, and leaves nothing behind then.
 */
export function connect(hosts: string, options: ConnectOptions = {}): Promise<Client> {
  const {
    signal,
    secure = false,
    path = '/',
    token,
    transport = webSocket({ secure, path, ...(token !== undefined && { token }) }),
    clock = browserClock,
    random = browserRandom,
    lookUpService,
    ...rest
  } = options;
  const world = { transport, clock, random, ...(lookUpService !== undefined && { lookUpService }) };
  return connectedClient(hosts, world, rest, signal === undefined ? {} : { signal });
}
