import type { Logger } from '@corral/runtime';
import type { ClientListening } from '@corral/server';
import type { Settings } from '../config/settings.ts';
import { ExitCode, StartFailure } from '../exit-code.ts';

/** Clients over WebSocket, where the settings want any. */
export async function webSocketPort(
  { webSocket, server }: Settings,
  logger: Logger,
): Promise<readonly ClientListening[]> {
  if (webSocket === undefined) return [];
  const { address: host, port } = webSocket;
  const { webSocketListening } = await import('./web-socket-listening.ts');
  const listening = webSocketListening({
    ...webSocket,
    // Whoever sends one request in one message may send the longest: its length, and itself.
    messageMax: Math.max(MESSAGE_MAX_MIN, LENGTH_BYTES + server.juteMaxBuffer),
    handshakeTimeoutMs: server.sessionlessCnxnTimeout,
    pingIntervalMs: PING_INTERVAL_MS,
    logger,
  });
  return [
    {
      where: { host, port },
      transport: {
        listen: (where, accept) =>
          listening.listen(where, accept).catch((cause: unknown) => {
            const { message } = cause as Error;
            throw new StartFailure(ExitCode.unexpected, `No WebSocket (corral.webSocketPort): ${message}`, {
              cause,
            });
          }),
      },
    },
  ];
}

/** What `@corral/transport-websocket` puts into one, with room to spare. */
const MESSAGE_MAX_MIN = 1024 * 1024;
const LENGTH_BYTES = 4;
/** Shorter than the patience of the proxies between: they are said to have a minute. */
const PING_INTERVAL_MS = 30_000;
