import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from '@corral/runtime';
import type {
  Address,
  Connection,
  ConnectionHandler,
  Listener,
  ListeningTransport,
  ListenOptions,
} from '@corral/transport';
import { plainIp, toTransportError } from '@corral/transport-tcp';
import { WEB_SOCKET_PROTOCOL } from '@corral/transport-websocket';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { Admission, type AdmissionRules } from './admission.ts';
import { WebSocketLink } from './web-socket-link.ts';

export interface WebSocketListeningOptions extends AdmissionRules {
  /** Connections at a time, those included that have not said what they want. */
  readonly connectionsMax: number;
  /** The longest message, in bytes, whole or in fragments. */
  readonly messageMax: number;
  /** Milliseconds for the request that begins a WebSocket. */
  readonly handshakeTimeoutMs: number;
  /** Milliseconds between pings; who has said nothing at all when the next is due is gone. */
  readonly pingIntervalMs: number;
  readonly logger: Logger;
}

/** The listening side of `@corral/transport-websocket`. */
export function webSocketListening(options: WebSocketListeningOptions): ListeningTransport {
  return {
    listen: async (
      where: ListenOptions,
      accept: (connection: Connection) => ConnectionHandler,
    ): Promise<Listener> => {
      const http = await open(where, options);
      return new WebSocketListener(http, options, accept);
    },
  };
}

async function open(
  { host, port, backlog }: ListenOptions,
  { handshakeTimeoutMs, connectionsMax }: WebSocketListeningOptions,
): Promise<Server> {
  const http = createServer({
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, handshakeTimeoutMs),
    maxHeaderSize: HEADERS_MAX_BYTES,
  });
  http.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => reject(toTransportError(error, `listen on ${host}:${port}`)));
    http.listen({ host, port, ...(backlog !== undefined && { backlog }) }, resolve);
  });
  // What goes wrong from here on is about one connection, which is lost; the listener lives on.
  http.on('error', () => {});
  return http;
}

class WebSocketListener implements Listener {
  readonly address: Address;
  readonly #http: Server;
  readonly #accept: (connection: Connection) => ConnectionHandler;
  readonly #logger: Logger;
  readonly #admission: Admission;
  readonly #links = new Set<WebSocketLink>();
  readonly #pings: NodeJS.Timeout;
  #isOpen = true;
  #refusalLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(
    http: Server,
    options: WebSocketListeningOptions,
    accept: (connection: Connection) => ConnectionHandler,
  ) {
    const { address, port } = http.address() as AddressInfo;
    this.address = { host: plainIp(address), port };
    this.#http = http;
    this.#accept = accept;
    this.#logger = options.logger;
    this.#admission = new Admission(options);
    this.#pings = setInterval(() => {
      for (const link of this.#links) link.ping();
    }, options.pingIntervalMs).unref();
    const webSockets = this.#handshakes(options);
    http.on('request', (_request, response) => {
      response
        .writeHead(426, { connection: 'close', upgrade: 'websocket' })
        .end('This port speaks WebSocket.\n');
    });
    http.on('upgrade', (request, socket, head) =>
      webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#welcome(webSocket, socket as Socket),
      ),
    );
    this.#logger.info({ host: this.address.host, port }, 'clients connect here over WebSocket');
  }

  close(): Promise<void> {
    this.#isOpen = false;
    // The port is free when this returns; what Node calls back for is the end of the last connection.
    this.#http.close();
    this.#endPings();
    return Promise.resolve();
  }

  #handshakes({ messageMax }: WebSocketListeningOptions): WebSocketServer {
    // The types do not know `closeTimeout` yet.
    const settings: ServerOptions & { readonly closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      // It costs memory for each connection, and a small message may unpack to a large one.
      perMessageDeflate: false,
      maxPayload: messageMax,
      maxFragments: FRAGMENTS_MAX,
      maxBufferedChunks: FRAGMENTS_MAX,
      // The link looks after that.
      closeTimeout: NEVER_MS,
      handleProtocols: (offered) => offered.has(WEB_SOCKET_PROTOCOL) && WEB_SOCKET_PROTOCOL,
      verifyClient: ({ req }, done) => {
        const refusal = this.#isOpen ? this.#admission.refusalOf(req.headers) : CLOSED;
        if (refusal === undefined) return done(true);
        this.#noteRefused(
          `${req.socket.remoteAddress}:${req.socket.remotePort}`,
          req.headers.origin,
          refusal.reason,
        );
        return done(false, refusal.status);
      },
    };
    return new WebSocketServer(settings);
  }

  #welcome(webSocket: WebSocket, socket: Socket): void {
    const link = new WebSocketLink(webSocket, socket, () => {
      this.#links.delete(link);
      this.#endPings();
    });
    this.#links.add(link);
    try {
      link.start(this.#accept(link));
    } catch {
      link.destroy();
    }
  }

  #endPings(): void {
    if (!this.#isOpen && this.#links.size === 0) clearInterval(this.#pings);
  }

  /** One a second: whoever is refused may come again at once. */
  #noteRefused(client: string, origin: string | undefined, reason: string): void {
    const now = performance.now();
    if (now - this.#refusalLoggedAt < REFUSAL_LOG_MS) return;
    this.#refusalLoggedAt = now;
    this.#logger.warn({ client, origin, reason }, 'a WebSocket was refused');
  }
}

const CLOSED = { status: 503, reason: 'the server stops' };
const HEADERS_MAX_BYTES = 8 * 1024;
/** How often it is looked for those who take too long to begin, at least. */
const LOOK_MS = 1000;
const FRAGMENTS_MAX = 1024;
const NEVER_MS = 2 ** 31 - 1;
const REFUSAL_LOG_MS = 1000;
