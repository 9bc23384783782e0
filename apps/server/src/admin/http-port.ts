import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Logger } from '@corral/runtime';

export interface HttpPortOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly idleTimeoutMs: number;
  readonly logger: Logger;
}

export type Fetch = Parameters<typeof getRequestListener>[0];

/** A port that speaks HTTP. Headers, connections and time are bounded, whatever callers do. */
export class HttpPort {
  readonly #http: Server;

  /** Rejects where the port cannot be had. */
  static async open(
    fetch: Fetch,
    { address, port, idleTimeoutMs, logger }: HttpPortOptions,
  ): Promise<HttpPort> {
    const http = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: idleTimeoutMs,
        maxHeaderSize: HEADERS_MAX_BYTES,
      },
      getRequestListener(fetch, { overrideGlobalObjects: false }),
    );
    http.maxConnections = CONNECTIONS_MAX;
    http.timeout = idleTimeoutMs;
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen({ host: address, port }, () => {
        http.off('error', reject);
        http.on('error', (error) => logger.warn({ error }, 'the HTTP port has a problem'));
        resolve();
      });
    });
    // A process that has nothing else to do may end.
    http.unref();
    return new HttpPort(http);
  }

  private constructor(http: Server) {
    this.#http = http;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    return closed;
  }
}

const CONNECTIONS_MAX = 100;
const HEADERS_MAX_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** For a snapshot of some gigabytes that is sent to be restored. One who sends nothing is cut off long before. */
const REQUEST_TIMEOUT_MS = 900_000;
