import { existsSync, rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { collectingMetrics, type CollectingMetrics, type Logger } from '@corral/runtime';
import type { Storage } from '@corral/persistence';
import { nodeDiagnostics, nodeRuntime } from '@corral/runtime/node';
import { startServer, type Server, type ServerConfig, type ServerOptions } from '@corral/server';
import { tcp } from '@corral/transport-tcp';
import { HttpPorts } from './admin/http-ports.ts';
import { AuditLog } from './audit-log.ts';
import type { CommandLine } from './command-line.ts';
import { backUp, dynamicFiles } from './config/dynamic-files.ts';
import { loadSettings } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { Ending } from './ending.ts';
import { ExitCode } from './exit-code.ts';
import { toStartFailure } from './failures.ts';
import { openLogger } from './log.ts';
import { addProcessGauges, environmentOf } from './machine.ts';
import { sessionKey, sharedSessionKey } from './session-key.ts';
import { serverVersion } from './version.ts';
import { webSocketPort } from './web-socket/web-socket-port.ts';

/**
 * Runs a server in this process until it is told to stop, and returns the exit code.
 *
 * @throws StartFailure where it does not get as far as serving
 */
export async function run(
  { config: file, flags }: CommandLine,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ExitCode> {
  const settings = loadSettings({ file, flags, environment });
  const logger = openLogger(settings.logLevel, process.stderr.isTTY);
  process.on('uncaughtException', (error) => {
    logger.error({ error }, 'an error that nobody expected: exiting abnormally');
    process.exit(ExitCode.unexpected);
  });
  for (const notice of settings.notices) logger.warn({}, notice);
  logger.info(
    { version: serverVersion, node: process.versions.node, pid: process.pid, config: file },
    'starting',
  );
  const ending = new Ending(logger);
  const metrics = collectingMetrics();
  const audit = AuditLog.open(settings.audit, logger);
  const server = await compose(settings, logger, metrics, audit).catch((error: unknown) => {
    audit?.started('failure');
    throw toStartFailure(error, settings);
  });
  audit?.started('success');
  ending.belongsTo(server);
  const ports = new HttpPorts({ settings, flags, server, logger, metrics });
  if (file === undefined) greet(server, settings);
  // Whoever ran `start` waits for this.
  process.send?.('serving');
  setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
  const exitCode = await ending.exitCode;
  await ports.close();
  return exitCode;
}

async function compose(
  settings: Settings,
  logger: Logger,
  metrics: CollectingMetrics,
  audit: AuditLog | undefined,
): Promise<Server> {
  const { storage: where } = settings;
  const config = withInitialization(settings);
  addProcessGauges(metrics);
  const alsoListen = await webSocketPort(settings, logger);
  const storage = await openStorage(settings, logger, metrics);
  const keyOf = config.ensemble === undefined ? sessionKey : sharedSessionKey;
  const key = config.sessionPasswords === 'keyed' ? { sessionPasswordKey: keyOf(where.dataDir) } : {};
  return startServer({
    ...keepingConfigurations(settings),
    config,
    runtime: nodeRuntime(),
    transport: tcp(),
    alsoListen,
    storage,
    logger,
    metrics,
    ...(audit === undefined ? {} : { audit }),
    diagnostics: nodeDiagnostics,
    version: serverVersion,
    environment: environmentOf,
    ...key,
  });
}

/**
 * The file `initialize` (`zkServer-initialize.sh`) says, once, that an empty disk is right: it goes when it was seen
 * (FileTxnSnapLog.restore).
 */
function withInitialization({ server, storage: { dataDir } }: Settings): ServerConfig {
  const { ensemble } = server;
  const file = join(dataDir, 'initialize');
  if (ensemble === undefined || !existsSync(file)) return server;
  rmSync(file);
  return { ...server, ensemble: { ...ensemble, dbAutocreate: true } };
}

/** A static file that names the members is kept as it was: a reconfiguration takes them out of it. */
function keepingConfigurations({
  configFile,
  dynamicConfigFile,
  server,
}: Settings): Pick<ServerOptions, 'configStore'> {
  if (server.ensemble === undefined || configFile === undefined) return {};
  if (dynamicConfigFile === undefined && server.reconfigEnabled) backUp(configFile);
  return { configStore: dynamicFiles(configFile, server.serverId) };
}

/** Adapters are loaded when they are chosen: LevelDB is a native library. */
async function openStorage(
  { server, storage }: Settings,
  logger: Logger,
  metrics: CollectingMetrics,
): Promise<Storage> {
  const common = {
    dataDir: storage.dataDir,
    dataLogDir: storage.dataLogDir,
    autocreate: storage.autocreate,
    forceSync: storage.forceSync,
    fsyncWarningThresholdMs: storage.fsyncWarningThresholdMs,
    logger,
    metrics,
  };
  if (storage.kind === 'level') {
    const { levelStorage } = await import('@corral/persistence-level');
    return levelStorage(common);
  }
  const { fileStorage } = await import('@corral/persistence-file');
  return fileStorage({
    ...common,
    preAllocSizeKb: storage.preAllocSizeKb,
    txnLogSizeLimitKb: storage.txnLogSizeLimitKb,
    snapshotCompression: storage.snapshotCompression,
    maxRecordBytes: server.juteMaxBuffer + server.juteMaxBufferExtraSize,
  });
}

function greet(server: Server, { storage }: Settings): void {
  const { host, port } = server.address;
  process.stdout.write(
    `Corral keeps its data in ${storage.dataDir} (no configuration file was given).\n` +
      `It listens on ${host}:${port}${host.startsWith('127.') ? ', for this machine only' : ''}.\n` +
      `Connect any ZooKeeper client to ${host}:${port}, such as: zkCli.sh -server ${host}:${port}\n`,
  );
}

/** What was compiled is kept for the next start, once this one is over. Nothing is done where it was there already. */
const FLUSH_AFTER_MS = 1000;
