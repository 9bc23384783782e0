import { silentLogger } from '@corral/runtime';
import { transportCompliance, type TransportSubject } from '@corral/transport/compliance';
import { webSocket } from '@corral/transport-websocket';
import { describe, expect, it } from 'vitest';
import { webSocketListening } from './web-socket-listening.ts';

const listening = webSocketListening({
  origins: [],
  requireOrigin: false,
  token: undefined,
  connectionsMax: 100,
  messageMax: 1024 * 1024,
  handshakeTimeoutMs: 10_000,
  pingIntervalMs: 30_000,
  logger: silentLogger,
});
const subject: TransportSubject = {
  transport: { ...webSocket(), ...listening },
  host: '127.0.0.1',
  // A page is not told its own address, nor why a dial failed; and a WebSocket ends both directions at once.
  capabilities: new Set(['exclusive-ports']),
  until: (promise) => promise,
};

describe('WebSocket: the dialling side of Node, and the listening side of the server', () => {
  it.each(
    transportCompliance.filter(({ requires }) => requires.every((one) => subject.capabilities.has(one))),
  )('$name', async ({ run }) => {
    await expect(run(subject)).resolves.toBeUndefined();
  });
});
