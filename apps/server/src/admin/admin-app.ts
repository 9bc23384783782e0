import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type { Logger, Metrics } from '@corral/runtime';
import type { Server } from '@corral/server';
import { plainIp } from '@corral/transport-tcp';
import { type Context, Hono } from 'hono';
import type { AdminEnvironment, CommandAnswer } from './command.ts';
import { Commands } from './commands.ts';
import { type Health, live, ready } from './health.ts';
import { jackson, JsonEntries } from './jackson.ts';
import { metricsResponse } from './metrics-app.ts';
import { inPieces } from './pieces.ts';
import type { AdminSettings } from './settings.ts';

export interface AdminAppOptions {
  readonly settings: AdminSettings;
  readonly server: Pick<Server, 'view' | 'restore'>;
  readonly environment: AdminEnvironment;
  /** Those that must be writable for a server that is ready. */
  readonly folders: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

type Bindings = { Bindings: HttpBindings };

/**
 * What Apache's JettyAdminServer answers under `/commands`; and `/livez`, `/readyz` and `/metrics` for whoever looks after
 * processes. What goes wrong here never stops the server.
 */
export function adminApp(options: AdminAppOptions): Hono<Bindings> {
  const { settings, environment, logger, server, folders, now, metrics } = options;
  const { commandUrl } = settings;
  const common = { intervalMs: settings.rateLimiterIntervalMs, now, metrics };
  const commands = new Commands(
    { ...common, isEnabled: settings.isSnapshotEnabled },
    {
      ...common,
      isEnabled: settings.isRestoreEnabled,
      bytesMax: settings.restoreBytesMax,
      server,
      logger,
    },
  );
  const index = commands.primaryNames
    .map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`)
    .join('');
  const app = new Hono<Bindings>();
  app.get('/livez', () => healthResponse(live()));
  app.get('/readyz', async () => healthResponse(await ready(server.view, folders)));
  app.get('/metrics', () => metricsResponse(server.view, true));
  for (const path of [commandUrl, `${commandUrl}/`])
    app.on(['GET', 'POST'], path, (c) => c.body(index, 200, { 'Content-Type': 'text/html;charset=utf-8' }));
  app.on(['GET', 'POST'], `${commandUrl}/:name{.+}`, async (c: Context<Bindings>) => {
    const name = c.req.param('name')!;
    const answer = await commands.run(
      name,
      c.req.method === 'POST' ? 'POST' : 'GET',
      {
        view: server.view,
        parameters: new URLSearchParams(queryOf(c.req.url)),
        // What is left unread is read by the port, so that the answer arrives.
        body: c.env.incoming.iterator({ destroyOnReturn: false }),
        environment,
      },
      {
        authorization: c.req.header('Authorization'),
        remoteHost: plainIp(c.env.incoming.socket.remoteAddress ?? ''),
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

/** The address has the caller's Host in it, which may be no host at all: so it is not taken for a URL. */
function queryOf(address: string): string {
  return /\?([^#]*)/.exec(address)?.[1] ?? '';
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
  const text = jackson(new JsonEntries(Object.entries(entries ?? {})));
  return new Response(inPieces(text), {
    status,
    headers: { ...headers, 'Content-Type': 'application/json' },
  });
}
