import { resolve } from 'node:path';
import { parseJavaInt, parseStrictBoolean, decodeJavaInt, LONG_MAX } from './java-values.ts';
import type { Draft } from './settings.ts';
import { throttleKeys } from './throttle-keys.ts';

/**
 * Every key this server honours, spelled as in `zoo.cfg`, and where it goes. Keys that Apache's parser knows come
 * first (strict); the others are system properties of Apache's (lenient), and last come our own.
 */
export const honouredKeys: Readonly<Record<string, (draft: Draft, value: string, key: string) => void>> = {
  // QuorumPeerConfig.parseProperties
  dataDir: (draft, value) => void (draft.file.dataDir = value),
  dataLogDir: (draft, value) => void (draft.file.dataLogDir = value),
  clientPort: strictInt((draft, port) => (draft.file.clientPort = port)),
  clientPortAddress: (draft, value) => void (draft.file.clientPortAddress = value),
  secureClientPort: strictInt((draft, port) => (draft.file.secureClientPort = port)),
  secureClientPortAddress: (draft, value) => void (draft.file.secureClientPortAddress = value),
  clientPortListenBacklog: strictInt((draft, n) => (draft.server.clientPortListenBacklog = n)),
  tickTime: strictInt((draft, ms) => (draft.server.tickTime = ms)),
  maxClientCnxns: strictInt((draft, n) => (draft.server.maxClientCnxns = Math.max(0, n))),
  minSessionTimeout: strictInt((draft, ms) => (draft.server.minSessionTimeout = ms)),
  maxSessionTimeout: strictInt((draft, ms) => (draft.server.maxSessionTimeout = ms)),
  'autopurge.snapRetainCount': strictInt(snapRetainCount),
  'autopurge.purgeInterval': strictInt(
    (draft, hours) => (draft.server.autopurge.intervalMs = Math.max(0, hours) * 3_600_000),
  ),
  'metricsProvider.className': (draft, value) => void (draft.file.metricsProviderClassName = value),
  'metricsProvider.httpHost': (draft, value) => void (draft.file.metricsHost = value),
  'metricsProvider.httpPort': int((draft, port) => (draft.file.metricsPort = port)),
  'metricsProvider.exportJvmInfo': boolean((draft, is) => (draft.file.metricsHasProcess = is)),
  dynamicConfigFile: (draft, value) => void (draft.file.dynamicConfigFile = value),
  reconfigEnabled: strictBoolean((draft, is) => (draft.server.reconfigEnabled = is)),
  standaloneEnabled: strictBoolean((draft, is) => (draft.file.standaloneEnabled = is)),
  initLimit: strictInt((draft, ticks) => (draft.file.initLimit = ticks)),
  syncLimit: strictInt((draft, ticks) => (draft.file.syncLimit = ticks)),
  sslQuorum: strictBoolean((draft, is) => (draft.file.sslQuorum = is)),
  'quorum.auth.enableSasl': strictBoolean((draft, is) => (draft.file.quorumSasl.enabled = is)),
  'quorum.auth.serverRequireSasl': strictBoolean((draft, is) => (draft.file.quorumSasl.serverRequired = is)),
  'quorum.auth.learnerRequireSasl': strictBoolean(
    (draft, is) => (draft.file.quorumSasl.learnerRequired = is),
  ),

  // System properties: connections and requests.
  clientTcpKeepAlive: boolean((draft, is) => (draft.server.clientTcpKeepAlive = is)),
  maxCnxns: int((draft, n) => (draft.server.maxCnxns = Math.max(0, n))),
  'nio.sessionlessCnxnTimeout': int((draft, ms) => (draft.server.sessionlessCnxnTimeout = ms)),
  'jute.maxbuffer': int((draft, bytes) => (draft.server.juteMaxBuffer = bytes)),
  'jute.maxbuffer.extrasize': int((draft, bytes) => (draft.server.juteMaxBufferExtraSize = bytes)),
  globalOutstandingLimit: int((draft, n) => (draft.server.globalOutstandingLimit = n)),
  largeRequestMaxBytes: int(largeRequestMaxBytes),
  largeRequestThreshold: int((draft, bytes) => (draft.server.largeRequestThreshold = bytes > 0 ? bytes : -1)),
  ...throttleKeys,
  '4lw.commands.whitelist': (draft, value) =>
    void (draft.server.fourLetterWordWhitelist = ['srvr', ...list(value)]),
  'readonlymode.enabled': boolean((draft, is) => (draft.file.readOnlyMode = is)),

  // Storage.
  preAllocSize: int((draft, kb) => (draft.storage.preAllocSizeKb = kb), LONG_MAX),
  txnLogSizeLimitInKb: int((draft, kb) => (draft.storage.txnLogSizeLimitKb = kb), LONG_MAX),
  forceSync: (draft, value) => void (draft.storage.forceSync = value !== 'no'),
  'fsync.warningthresholdms': int((draft, ms) => (draft.storage.fsyncWarningThresholdMs = ms), LONG_MAX),
  snapCount: int((draft, n) => (draft.server.snapCount = Math.max(2, n))),
  snapSizeLimitInKb: int((draft, kb) => (draft.server.snapSizeLimitInKb = kb), LONG_MAX),
  'snapshot.compression.method': snapshotCompression,
  'snapshot.trust.empty': boolean((draft, is) => (draft.server.snapshotTrustEmpty = is)),
  'datadir.autocreate': boolean((draft, is) => (draft.storage.autocreate = is)),
  'digest.enabled': boolean((draft, is) => (draft.server.digestEnabled = is)),
  'serializeLastProcessedZxid.enabled': boolean(
    (draft, is) => (draft.server.serializeLastProcessedZxidEnabled = is),
  ),
  'closeSessionTxn.enabled': boolean((draft, is) => (draft.server.closeSessionTxnEnabled = is)),

  // Nodes and access.
  extendedTypesEnabled: boolean((draft, is) => (draft.server.extendedTypesEnabled = is)),
  emulate353TTLNodes: boolean((draft, is) => (draft.server.emulate353TtlNodes = is)),
  'znode.container.checkIntervalMs': int((draft, ms) => (draft.server.container.checkIntervalMs = ms)),
  'znode.container.maxPerMinute': int((draft, n) => (draft.server.container.maxPerMinute = n)),
  'znode.container.maxNeverUsedIntervalMs': int(
    (draft, ms) => (draft.server.container.maxNeverUsedIntervalMs = ms),
    LONG_MAX,
  ),
  skipACL: (draft, value) => void (draft.server.skipAcl = value === 'yes'),
  enforceQuota: boolean((draft, is) => (draft.server.enforceQuota = is)),
  'enforce.auth.enabled': boolean((draft, is) => (draft.server.enforceAuth.enabled = is)),
  'enforce.auth.schemes': (draft, value) => void (draft.server.enforceAuth.schemes = list(value)),
  sessionRequireClientSASLAuth: boolean((draft, is) => (draft.server.sessionRequireClientSaslAuth = is)),
  'DigestAuthenticationProvider.enabled': boolean((draft, is) => (draft.server.digestAuth.enabled = is)),
  'DigestAuthenticationProvider.digestAlg': digestAlgorithm,
  'DigestAuthenticationProvider.superDigest': (draft, value) =>
    void (draft.server.digestAuth.superDigest = value),
  ensembleAuthName: (draft, value) => void (draft.server.ensembleAuthName = value),

  // The audit log.
  'audit.enable': boolean((draft, is) => (draft.audit.isEnabled = is)),

  // The HTTP port.
  'admin.enableServer': boolean((draft, is) => (draft.admin.isEnabled = is)),
  'admin.serverAddress': (draft, value) => void (draft.admin.address = value),
  'admin.serverPort': int((draft, port) => (draft.admin.port = port)),
  'admin.idleTimeout': int((draft, ms) => (draft.admin.idleTimeoutMs = ms)),
  'admin.commandURL': commandUrl,
  'admin.snapshot.enabled': boolean((draft, is) => (draft.admin.isSnapshotEnabled = is)),
  'admin.restore.enabled': boolean((draft, is) => (draft.admin.isRestoreEnabled = is)),
  'admin.rateLimiterIntervalInMS': int((draft, ms) => (draft.admin.rateLimiterIntervalMs = ms)),

  // Ours.
  storage: storageKind,
  'corral.log.level': logLevel,
  'corral.sessionPasswords': sessionPasswords,
  'corral.restoreMaxBytes': int((draft, bytes) => (draft.admin.restoreBytesMax = bytes), LONG_MAX),
  'corral.auditFile': (draft, value) => void (draft.audit.file = value === '' ? undefined : resolve(value)),
  'corral.slowRequestMs': int((draft, ms) => (draft.server.slowRequestMs = ms), LONG_MAX),
  'corral.fourLetterWordsOnLoopback': boolean((draft, is) => (draft.server.fourLetterWordsOnLoopback = is)),
  'corral.unsentMaxBytes': int((draft, bytes) => (draft.server.unsentMaxBytes = bytes), LONG_MAX),
  'corral.watchesMaxPerConnection': int((draft, n) => (draft.server.watchesMaxPerConnection = n)),
  'corral.multiMaxOperations': int((draft, n) => (draft.server.multiMaxOperations = n)),
  'corral.webSocketPort': strictInt((draft, port) => (draft.file.webSocketPort = port)),
  'corral.webSocketAddress': (draft, value) => void (draft.webSocket.address = value),
  'corral.webSocketOrigins': (draft, value) => void (draft.webSocket.origins = list(value)),
  'corral.webSocketRequireOrigin': strictBoolean((draft, is) => (draft.webSocket.requireOrigin = is)),
  'corral.webSocketToken': (draft, value) => void (draft.webSocket.token = value),
  'corral.webSocketMaxCnxns': strictInt((draft, n) => (draft.webSocket.connectionsMax = n)),
};

type Read = (draft: Draft, value: string, key: string) => void;

function strictInt(set: (draft: Draft, value: number) => void): Read {
  return (draft, value) => set(draft, parseJavaInt(value));
}

function strictBoolean(set: (draft: Draft, value: boolean) => void): Read {
  return (draft, value, key) => set(draft, parseStrictBoolean(key, value));
}

function int(set: (draft: Draft, value: number) => void, max?: number): Read {
  return (draft, value, key) => {
    const number = decodeJavaInt(value, max);
    if (number === undefined)
      draft.notices.push(`${key}=${value} is not a number this key can have: the default stays`);
    else set(draft, number);
  };
}

/** `Boolean.parseBoolean`: all but `true` is false. */
function boolean(set: (draft: Draft, value: boolean) => void): Read {
  return (draft, value, key) => {
    const lower = value.toLowerCase();
    if (lower !== 'true' && lower !== 'false')
      draft.notices.push(`${key}=${value} is taken for false, as Apache takes it`);
    set(draft, lower === 'true');
  };
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function snapRetainCount(draft: Draft, count: number): void {
  if (count < 3) draft.notices.push(`Invalid autopurge.snapRetainCount: ${count}. Defaulting to 3`);
  draft.server.autopurge.snapRetainCount = Math.max(3, count);
}

function largeRequestMaxBytes(draft: Draft, bytes: number): void {
  if (bytes > 0) draft.server.largeRequestMaxBytes = bytes;
  else draft.notices.push(`Invalid largeRequestMaxBytes: ${bytes}. It should be positive: the default stays`);
}

function commandUrl(draft: Draft, value: string): void {
  if (/^\/[\w./-]*[\w-]$/.test(value)) draft.admin.commandUrl = value;
  else draft.notices.push(`admin.commandURL=${value} is not a path such as /commands: the default stays`);
}

function snapshotCompression(draft: Draft, value: string): void {
  if (value === 'gz' || value === 'snappy') draft.storage.snapshotCompression = value;
  else if (value !== '')
    draft.notices.push(`snapshot.compression.method=${value} is neither gz nor snappy: snapshots stay plain`);
}

function digestAlgorithm(draft: Draft, value: string): void {
  const name = DIGEST_ALGORITHMS[value.toUpperCase()];
  if (name === undefined) throw new Error(`don't support this ALGORITHM : ${value}`);
  draft.server.digestAuth.algorithm = name;
}

/** Java's names for them. */
const DIGEST_ALGORITHMS: Readonly<Record<string, Draft['server']['digestAuth']['algorithm']>> = {
  SHA1: 'SHA1',
  'SHA-1': 'SHA1',
  SHA: 'SHA1',
  'SHA-256': 'SHA-256',
  'SHA-512': 'SHA-512',
  MD5: 'MD5',
};

function storageKind(draft: Draft, value: string): void {
  if (value !== 'file' && value !== 'level')
    throw new Error(`Invalid option ${value} for storage. Choose 'file' or 'level'.`);
  draft.storage.kind = value;
}

function logLevel(draft: Draft, value: string, key: string): void {
  const level = LEVELS[value.toLowerCase()];
  if (level === undefined)
    throw new Error(`Invalid option ${value} for ${key}. Choose one of ${Object.keys(LEVELS).join(', ')}.`);
  draft.logLevel = level;
}

const LEVELS: Readonly<Record<string, Draft['logLevel']>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

function sessionPasswords(draft: Draft, value: string, key: string): void {
  if (value !== 'keyed' && value !== 'apache')
    throw new Error(`Invalid option ${value} for ${key}. Choose 'keyed' or 'apache'.`);
  draft.file.sessionPasswords = value;
}
