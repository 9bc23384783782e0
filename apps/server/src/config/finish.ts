import { isAbsolute, join, resolve } from 'node:path';
import type { PrometheusSettings } from '../admin/settings.ts';
import type { WebSocketSettings } from '../web-socket/settings.ts';
import { joinEnsemble, type Members } from './members.ts';
import { newDraft, type Draft, type Settings } from './settings.ts';
import { finishWeights } from './throttle-keys.ts';

/**
 * The checks that Apache makes once all keys are read, in its order, and what follows from several keys.
 *
 * @throws Error with Apache's message
 */
export function finish(draft: Draft, members: Members, configFile: string | undefined): Settings {
  checkQuorumSasl(draft);
  const dataDir = directory(draft, required(draft.file.dataDir, 'dataDir is not set'));
  draft.storage.dataDir = dataDir;
  draft.storage.dataLogDir =
    draft.file.dataLogDir === undefined ? dataDir : directory(draft, draft.file.dataLogDir);
  draft.server.dataDir = join(draft.storage.dataDir, 'version-2');
  draft.server.dataLogDir = join(draft.storage.dataLogDir, 'version-2');
  checkPorts(draft);
  checkTimes(draft);
  checkMetricsProvider(draft);
  checkStorage(draft);
  finishWeights(draft);
  const ensemble = joinEnsemble(draft, members);
  // Apache's members know no other: whoever has none among them may say so, and give all the same key.
  draft.server.sessionPasswords =
    draft.file.sessionPasswords ?? (ensemble === undefined ? 'keyed' : 'apache');
  checkEnforcedSchemes(draft);
  checkPortIsKnown(draft);
  // Clients that look for a server to write to ask `isro`.
  if (draft.file.readOnlyMode)
    draft.server.fourLetterWordWhitelist = [...draft.server.fourLetterWordWhitelist, 'isro'];
  return {
    server: { ...draft.server, ensemble },
    storage: draft.storage,
    admin: draft.admin,
    prometheus: prometheusOf(draft),
    webSocket: webSocketOf(draft),
    audit: draft.audit,
    configFile,
    dynamicConfigFile: draft.file.dynamicConfigFile,
    logLevel: draft.logLevel,
    notices: draft.notices,
  };
}

function checkQuorumSasl({ file: { quorumSasl: sasl } }: Draft): void {
  if (!sasl.enabled && sasl.serverRequired) throw needs('enableSasl', 'serverRequireSasl');
  if (!sasl.enabled && sasl.learnerRequired) throw needs('enableSasl', 'learnerRequireSasl');
  if (!sasl.learnerRequired && sasl.serverRequired) throw needs('learnerRequireSasl', 'serverRequireSasl');
}

function needs(needed: string, by: string): Error {
  return new Error(`quorum.auth.${needed} is disabled, so cannot enable quorum.auth.${by}`);
}

function directory(draft: Draft, path: string): string {
  if (!isAbsolute(path) && !path.startsWith('./'))
    draft.notices.push(`${path} is relative. Prepend ./ to indicate that you're sure!`);
  return resolve(path);
}

/** These are about Apache's files. */
function checkStorage({ storage, notices }: Draft): void {
  if (storage.kind !== 'level') return;
  const none = newDraft().storage;
  for (const [key, isSet] of [
    ['preAllocSize', storage.preAllocSizeKb !== none.preAllocSizeKb],
    ['txnLogSizeLimitInKb', storage.txnLogSizeLimitKb > 0],
    ['snapshot.compression.method', storage.snapshotCompression !== none.snapshotCompression],
  ] as const) {
    if (isSet) notices.push(`${key} has no effect: LevelDB has its own files (storage=level)`);
  }
}

function checkPorts({ file, server }: Draft): void {
  const { clientPort, clientPortAddress, secureClientPort, secureClientPortAddress } = file;
  if (clientPort === undefined && clientPortAddress !== undefined)
    throw new Error('clientPortAddress is set but clientPort is not set');
  checkRange(clientPort);
  if (secureClientPort === undefined && secureClientPortAddress !== undefined)
    throw new Error('secureClientPortAddress is set but secureClientPort is not set');
  checkRange(secureClientPort);
  if (secureClientPort !== undefined)
    throw new Error(
      'secureClientPort is set, but this version does not speak TLS: remove it, or let a proxy serve it',
    );
  server.clientPortAddress = clientPortAddress ?? '0.0.0.0';
}

function checkRange(port: number | undefined): void {
  if (port !== undefined && (port < 0 || port > 0xffff)) throw new Error(`port out of range:${port}`);
}

function checkTimes({ server }: Draft): void {
  const { tickTime } = server;
  if (tickTime === 0) throw new Error('tickTime is not set');
  const min = server.minSessionTimeout === -1 ? tickTime * 2 : server.minSessionTimeout;
  const max = server.maxSessionTimeout === -1 ? tickTime * 20 : server.maxSessionTimeout;
  if (min > max) throw new Error('minSessionTimeout must not be larger than maxSessionTimeout');
  if (tickTime < 0) throw new Error('tickTime must not be negative');
}

function checkMetricsProvider(draft: Draft): void {
  const name = draft.file.metricsProviderClassName;
  if (name === undefined || name === METRICS_PROVIDERS[0]) return;
  if (!METRICS_PROVIDERS.includes(name)) throw new Error(`metrics provider class was not found: ${name}`);
  if (name === METRICS_PROVIDERS[1])
    draft.notices.push(`metricsProvider.className=${name} has no effect: figures are always gathered`);
}

function prometheusOf({ file }: Draft): PrometheusSettings | undefined {
  if (file.metricsProviderClassName !== METRICS_PROVIDERS[2]) return undefined;
  return { address: file.metricsHost, port: file.metricsPort, hasProcess: file.metricsHasProcess };
}

const METRICS_PROVIDERS = [
  'org.apache.zookeeper.metrics.impl.DefaultMetricsProvider',
  'org.apache.zookeeper.metrics.impl.NullMetricsProvider',
  'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
];

/** These open a port to strangers: nothing of them is guessed. */
function webSocketOf({ file, webSocket }: Draft): WebSocketSettings | undefined {
  const { webSocketPort: port } = file;
  if (port === undefined) return undefined;
  checkRange(port);
  for (const origin of webSocket.origins)
    if (originOf(origin) !== origin)
      throw new Error(`corral.webSocketOrigins: ${origin} is not an origin such as https://ops.example.com`);
  if (webSocket.token !== undefined && !/^[\w.~-]{16,200}$/.test(webSocket.token))
    throw new Error('corral.webSocketToken is not 16 to 200 letters, digits, and . _ ~ -');
  if (webSocket.connectionsMax < 1) throw new Error('corral.webSocketMaxCnxns must be 1 or more');
  return { ...webSocket, port };
}

/** As a browser says it. */
function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

/** Java `AuthenticationHelper`: what is asked of every client must be a scheme that exists. */
function checkEnforcedSchemes({ server }: Draft): void {
  const { enabled, schemes } = server.enforceAuth;
  const enforced = server.sessionRequireClientSaslAuth ? ['sasl'] : enabled ? schemes : [];
  if (enabled && enforced.length === 0)
    throw new Error(
      'zookeeper.enforce.auth.enabled is true zookeeper.enforce.auth.schemes must be configured.',
    );
  const available = new Set(['ip', 'ensemble', ...(server.digestAuth.enabled ? ['digest'] : [])]);
  for (const scheme of enforced)
    if (!available.has(scheme)) throw new Error(`Authentication scheme ${scheme} is not available.`);
}

/** Apache would run without a port for clients; here nothing else could be reached. */
function checkPortIsKnown({ file, server }: Draft): void {
  server.clientPort = required(file.clientPort, 'clientPort is not set');
}

function required<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}
