import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type HttpBindings, getRequestListener } from '@hono/node-server';
import type { Logger, Metrics } from '@corral/runtime';
import type { ServerView } from '@corral/server';
import { type Context, Hono } from 'hono';
import type { AdminEnvironment, CommandAnswer } from './command.ts';
import { Commands } from './commands.ts';
import { type Health, live, ready } from './health.ts';
import { jackson, JsonEntries } from './jackson.ts';
import type { AdminSettings } from './settings.ts';

export interface AdminServerOptions {
  readonly settings: AdminSettings;
  readonly view: () => ServerView;
  readonly environment: AdminEnvironment;
  /** Those that must be writable for a server that is ready. */
  readonly folders: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/**
 * The HTTP port of a server (Apache's JettyAdminServer): the commands under `/commands`, and `/livez` and `/readyz`
 * for whoever looks after processes. What goes wrong here never stops the server.
 */
export class AdminServer {
  readonly #http: HttpServer;

  /** Rejects where the port cannot be had. */
  static async open(options: AdminServerOptions): Promise<AdminServer> {
    const { settings } = options;
    const http = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: settings.idleTimeoutMs,
        maxHeaderSize: HEADERS_MAX_BYTES,
      },
      getRequestListener(routes(options).fetch, { overrideGlobalObjects: false }),
    );
    http.maxConnections = CONNECTIONS_MAX;
    http.timeout = settings.idleTimeoutMs;
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen({ host: settings.address, port: settings.port }, () => {
        http.off('error', reject);
        http.on('error', (error) => options.logger.warn({ error }, 'the HTTP port has a problem'));
        resolve();
      });
    });
    return new AdminServer(http);
  }

  private constructor(http: HttpServer) {
    this.#http = http;
    // A server that has nothing else to do may end.
    http.unref();
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

type Bindings = { Bindings: HttpBindings };

function routes(options: AdminServerOptions): Hono<Bindings> {
  const { settings, environment, logger, view, folders } = options;
  const { commandUrl } = settings;
  const commands = new Commands({
    isEnabled: settings.isSnapshotEnabled,
    intervalMs: settings.rateLimiterIntervalMs,
    now: options.now,
    metrics: options.metrics,
  });
  const index = commands.primaryNames
    .map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`)
    .join('');
  const app = new Hono<Bindings>();
  app.get('/livez', () => healthResponse(live()));
  app.get('/readyz', async () => healthResponse(await ready(view(), folders)));
  for (const path of [commandUrl, `${commandUrl}/`])
    app.on(['GET', 'POST'], path, (c) => c.body(index, 200, { 'Content-Type': 'text/html;charset=utf-8' }));
  app.on(['GET', 'POST'], `${commandUrl}/:name{.+}`, async (c: Context<Bindings>) => {
    const name = c.req.param('name')!;
    const { searchParams } = new URL(c.req.url);
    const answer = await commands.run(
      name,
      c.req.method === 'POST' ? 'POST' : 'GET',
      { view: view(), parameters: searchParams, environment },
      {
        authorization: c.req.header('Authorization'),
        remoteHost: c.env.incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
      },
    );
    return response(answer);
  });
  app.all(`${commandUrl}/*`, () => new Response(null, { status: 405, headers: { Allow: 'GET, POST' } }));
  app.onError((error, c) => {
    logger.error({ error, path: c.req.path }, 'a command failed');
    return c.text('{"error": "Exception writing command response to JSON"}', 500);
  });
  return app;
}

function healthResponse({ isWell, text }: Health): Response {
  return new Response(text, {
    status: isWell ? 200 : 503,
    headers: { 'Content-Type': 'text/plain;charset=utf-8', 'Cache-Control': 'no-store' },
  });
}

function response({ status = 200, headers = {}, entries, stream }: CommandAnswer): Response {
  if (stream !== undefined)
    return new Response(Readable.toWeb(stream) as ReadableStream, {
      status,
      headers: { ...headers, 'Content-Type': 'application/octet-stream' },
    });
  const pieces = Readable.from(gathered(jackson(new JsonEntries(Object.entries(entries ?? {})))));
  return new Response(Readable.toWeb(pieces) as ReadableStream, {
    status,
    headers: { ...headers, 'Content-Type': 'application/json' },
  });
}

/** Pieces large enough to be worth a write; between two of them everybody else is served. */
async function* gathered(pieces: Iterable<string>): AsyncIterable<Uint8Array> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARS) continue;
    yield Buffer.from(text);
    text = '';
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield Buffer.from(text);
}

const PIECE_CHARS = 64 * 1024;
const CONNECTIONS_MAX = 100;
const HEADERS_MAX_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
