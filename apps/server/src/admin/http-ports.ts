import { readFileSync } from 'node:fs';
import type { Logger, Metrics } from '@corral/runtime';
import type { Server } from '@corral/server';
import type { Settings } from '../config/settings.ts';
import type { Fetch, HttpPort, HttpPortOptions } from './http-port.ts';
import type { JsonObject } from './jackson.ts';
import { SnapshotFiles } from './snapshot-files.ts';

export interface HttpPortsOptions {
  readonly settings: Settings;
  readonly flags: ReadonlyMap<string, string>;
  readonly server: Server;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * The ports that speak HTTP: the commands, and figures for Prometheus. Nobody waits for them: clients are served while they
 * are loaded. A server without them serves all the same: what goes wrong is a warning.
 */
export class HttpPorts {
  readonly #opened: Promise<readonly (HttpPort | undefined)[]>;

  constructor(options: HttpPortsOptions) {
    this.#opened = Promise.all([openCommands(options), openPrometheus(options)]);
  }

  async close(): Promise<void> {
    for (const port of await this.#opened) await port?.close();
  }
}

async function openCommands(options: HttpPortsOptions): Promise<HttpPort | undefined> {
  const { settings, flags, server, logger, metrics } = options;
  const { admin, storage, configFile } = settings;
  if (!admin.isEnabled) return undefined;
  return open(
    async () => {
      const { adminApp } = await import('./admin-app.ts');
      return adminApp({
        settings: admin,
        server,
        environment: {
          initialConfig: configFile === undefined ? '' : readFileSync(configFile, 'utf8'),
          systemProperties: () => systemProperties(flags),
          snapshotFiles: storage.kind === 'file' ? new SnapshotFiles(settings.server.dataDir) : undefined,
        },
        folders: [settings.server.dataDir, settings.server.dataLogDir],
        logger,
        metrics,
        now: () => performance.now(),
      }).fetch;
    },
    { ...admin, logger },
    { path: admin.commandUrl, what: 'HTTP commands', keys: 'admin.serverPort, admin.enableServer=false' },
  );
}

async function openPrometheus(options: HttpPortsOptions): Promise<HttpPort | undefined> {
  const { settings, server, logger } = options;
  const { prometheus, admin } = settings;
  if (prometheus === undefined) return undefined;
  return open(
    async () => {
      const { metricsApp } = await import('./metrics-app.ts');
      return metricsApp(() => server.view, prometheus.hasProcess).fetch;
    },
    { ...prometheus, idleTimeoutMs: admin.idleTimeoutMs, logger },
    { path: '/metrics', what: 'figures for Prometheus', keys: 'metricsProvider.httpPort' },
  );
}

async function open(
  load: () => Promise<Fetch>,
  options: HttpPortOptions,
  { path, what, keys }: { readonly path: string; readonly what: string; readonly keys: string },
): Promise<HttpPort | undefined> {
  const { address, port, logger } = options;
  try {
    const { HttpPort: Port } = await import('./http-port.ts');
    const opened = await Port.open(await load(), options);
    logger.info({ url: `http://${address}:${opened.port}${path}` }, `${what} are there`);
    return opened;
  } catch (error) {
    logger.warn({ address, port, error: error as Error }, `no ${what}: the port cannot be opened (${keys})`);
    return undefined;
  }
}

/** What was said with `-D`, and what there is here of what every Java process says. */
function systemProperties(flags: ReadonlyMap<string, string>): JsonObject {
  const properties = new Map([
    ['file.separator', '/'],
    ['os.arch', process.arch],
    ['os.name', process.platform],
    ['user.dir', process.cwd()],
    ...flags,
  ]);
  return Object.fromEntries([...properties].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
