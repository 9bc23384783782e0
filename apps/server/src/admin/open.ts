import { readFileSync } from 'node:fs';
import type { Logger, Metrics } from '@corral/runtime';
import type { Server } from '@corral/server';
import type { Settings } from '../config/settings.ts';
import type { AdminServer } from './admin-server.ts';
import type { JsonObject } from './jackson.ts';
import { SnapshotFiles } from './snapshot-files.ts';

/** Opens the HTTP port, where one is wanted. A server without it serves all the same: what goes wrong is a warning. */
export async function openAdmin(
  settings: Settings,
  flags: ReadonlyMap<string, string>,
  server: Server,
  logger: Logger,
  metrics: Metrics,
): Promise<AdminServer | undefined> {
  const { admin, storage, configFile } = settings;
  if (!admin.isEnabled) return undefined;
  const { address, port, commandUrl } = admin;
  try {
    // Nobody waits for it: clients are served while it is loaded.
    const { AdminServer: Admin } = await import('./admin-server.ts');
    const opened = await Admin.open({
      settings: admin,
      view: () => server.view,
      environment: {
        initialConfig: configFile === undefined ? '' : readFileSync(configFile, 'utf8'),
        systemProperties: () => systemProperties(flags),
        snapshotFiles: storage.kind === 'file' ? new SnapshotFiles(settings.server.dataDir) : undefined,
      },
      folders: [settings.server.dataDir, settings.server.dataLogDir],
      logger,
      metrics,
      now: () => performance.now(),
    });
    logger.info({ url: `http://${address}:${opened.port}${commandUrl}` }, 'HTTP commands are answered');
    return opened;
  } catch (error) {
    logger.warn(
      { address, port, error: error as Error },
      'no HTTP commands: the port cannot be opened (admin.serverPort, admin.enableServer=false)',
    );
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
