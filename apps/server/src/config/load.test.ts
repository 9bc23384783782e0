import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultServerConfig } from '@corral/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExitCode, StartFailure } from '../exit-code.ts';
import { defaultWebSocketSettings } from '../web-socket/settings.ts';
import { ensembleKeys } from './ensemble-keys.ts';
import { environmentName, environmentNames } from './environment.ts';
import { honouredKeys } from './keys.ts';
import { reasonForNoEffect, strictWithoutEffect } from './keys-without-effect.ts';
import { loadSettings } from './load.ts';
import type { Settings } from './settings.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'corral-config-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** `dataDir` and `clientPort`, without which nothing starts; a case's own line stands behind them and counts. */
const GOOD = () => `dataDir=${folder}\nclientPort=2181\n`;

function load(
  text: string,
  flags: Record<string, string> = {},
  environment: Record<string, string> = {},
): Settings {
  const file = join(folder, 'zoo.cfg');
  writeFileSync(file, text, 'latin1');
  return loadSettings({ file, flags: new Map(Object.entries(flags)), environment });
}

function failureOf(text: string): StartFailure {
  try {
    load(text);
  } catch (error) {
    if (error instanceof StartFailure) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('every key has its field', () => {
  test.each<[line: string, read: (settings: Settings) => unknown, value: unknown]>([
    ['clientPort=23', (s) => s.server.clientPort, 23],
    ['clientPortAddress=::1', (s) => s.server.clientPortAddress, '::1'],
    ['clientPortListenBacklog=7', (s) => s.server.clientPortListenBacklog, 7],
    ['tickTime=+2000', (s) => s.server.tickTime, 2000],
    ['maxClientCnxns=0', (s) => s.server.maxClientCnxns, 0],
    ['maxClientCnxns=-1', (s) => s.server.maxClientCnxns, 0],
    ['minSessionTimeout=5', (s) => s.server.minSessionTimeout, 5],
    ['maxSessionTimeout=70000', (s) => s.server.maxSessionTimeout, 70_000],
    ['autopurge.snapRetainCount=5', (s) => s.server.autopurge.snapRetainCount, 5],
    ['autopurge.snapRetainCount=1', (s) => s.server.autopurge.snapRetainCount, 3],
    ['autopurge.purgeInterval=24', (s) => s.server.autopurge.intervalMs, 86_400_000],
    ['autopurge.purgeInterval=0', (s) => s.server.autopurge.intervalMs, 0],
    ['clientTcpKeepAlive=TRUE', (s) => s.server.clientTcpKeepAlive, true],
    ['maxCnxns=9', (s) => s.server.maxCnxns, 9],
    ['request_throttle_max_requests=20', (s) => s.server.requestThrottle.maxRequests, 20],
    ['request_throttle_stall_time=50', (s) => s.server.requestThrottle.stallTime, 50],
    ['request_throttle_drop_stale=false', (s) => s.server.requestThrottle.dropStale, false],
    ['request_stale_connection_check=no', (s) => s.server.requestThrottle.staleConnectionCheck, false],
    ['request_stale_latency_check=true', (s) => s.server.requestThrottle.staleLatencyCheck, true],
    ['throttled_op_wait_time=300', (s) => s.server.requestThrottle.throttledOpWaitTime, 300],
    ['request_throttler.shutdownTimeout=5', (s) => s.server.requestThrottle.shutdownTimeout, 5],
    ['connection_throttle_tokens=7', (s) => s.server.connectionThrottle.tokens, 7],
    ['connection_throttle_fill_time=8', (s) => s.server.connectionThrottle.fillTime, 8],
    ['connection_throttle_fill_count=9', (s) => s.server.connectionThrottle.fillCount, 9],
    ['connection_throttle_freeze_time=10', (s) => s.server.connectionThrottle.freezeTime, 10],
    ['connection_throttle_drop_increase=0.5', (s) => s.server.connectionThrottle.dropIncrease, 0.5],
    ['connection_throttle_drop_decrease=5e-3', (s) => s.server.connectionThrottle.dropDecrease, 0.005],
    ['connection_throttle_drop_decrease=2', (s) => s.server.connectionThrottle.dropDecrease, 0.002],
    ['connection_throttle_decrease_ratio=1', (s) => s.server.connectionThrottle.decreaseRatio, 1],
    ['connection_throttle_weight_enabled=true', (s) => s.server.connectionThrottle.weightEnabled, true],
    [
      'connection_throttle_global_session_weight=4',
      (s) => s.server.connectionThrottle.globalSessionWeight,
      4,
    ],
    [
      'connection_throttle_global_session_weight=0',
      (s) => s.server.connectionThrottle.globalSessionWeight,
      3,
    ],
    ['connection_throttle_local_session_weight=5', (s) => s.server.connectionThrottle.globalSessionWeight, 5],
    ['connection_throttle_local_session_weight=2', (s) => s.server.connectionThrottle.localSessionWeight, 2],
    ['connection_throttle_renew_session_weight=6', (s) => s.server.connectionThrottle.renewSessionWeight, 6],
    ['audit.enable=true', (s) => s.audit.isEnabled, true],
    ['corral.auditFile=/var/audit.log', (s) => s.audit.file, '/var/audit.log'],
    ['corral.restoreMaxBytes=5000000000', (s) => s.admin.restoreBytesMax, 5_000_000_000],
    ['admin.restore.enabled=false', (s) => s.admin.isRestoreEnabled, false],
    ['nio.sessionlessCnxnTimeout=77', (s) => s.server.sessionlessCnxnTimeout, 77],
    ['jute.maxbuffer=4194304', (s) => s.server.juteMaxBuffer, 4_194_304],
    ['jute.maxbuffer=0x400000', (s) => s.server.juteMaxBuffer, 4_194_304],
    ['jute.maxbuffer.extrasize=1', (s) => s.server.juteMaxBufferExtraSize, 1],
    ['globalOutstandingLimit=010', (s) => s.server.globalOutstandingLimit, 8],
    ['globalOutstandingLimit=abc', (s) => s.server.globalOutstandingLimit, 1000],
    ['largeRequestMaxBytes=5', (s) => s.server.largeRequestMaxBytes, 5],
    ['largeRequestMaxBytes=0', (s) => s.server.largeRequestMaxBytes, 104_857_600],
    ['largeRequestThreshold=6', (s) => s.server.largeRequestThreshold, 6],
    ['largeRequestThreshold=0', (s) => s.server.largeRequestThreshold, -1],
    [
      '4lw.commands.whitelist=stat, ruok ,',
      (s) => s.server.fourLetterWordWhitelist,
      ['srvr', 'stat', 'ruok'],
    ],
    ['4lw.commands.whitelist=*', (s) => s.server.fourLetterWordWhitelist, ['srvr', '*']],
    ['readonlymode.enabled=true', (s) => s.server.fourLetterWordWhitelist, ['srvr', 'isro']],
    ['preAllocSize=1024', (s) => s.storage.preAllocSizeKb, 1024],
    ['txnLogSizeLimitInKb=64', (s) => s.storage.txnLogSizeLimitKb, 64],
    ['txnLogSizeLimitInKb=-1', (s) => s.storage.txnLogSizeLimitKb, -1],
    ['forceSync=no', (s) => s.storage.forceSync, false],
    ['forceSync=false', (s) => s.storage.forceSync, true],
    ['fsync.warningthresholdms=20', (s) => s.storage.fsyncWarningThresholdMs, 20],
    ['snapCount=1', (s) => s.server.snapCount, 2],
    ['snapSizeLimitInKb=-1', (s) => s.server.snapSizeLimitInKb, -1],
    ['snapshot.compression.method=gz', (s) => s.storage.snapshotCompression, 'gz'],
    ['snapshot.compression.method=zip', (s) => s.storage.snapshotCompression, ''],
    ['snapshot.trust.empty=true', (s) => s.server.snapshotTrustEmpty, true],
    ['datadir.autocreate=false', (s) => s.storage.autocreate, false],
    ['digest.enabled=maybe', (s) => s.server.digestEnabled, false],
    ['serializeLastProcessedZxid.enabled=false', (s) => s.server.serializeLastProcessedZxidEnabled, false],
    ['closeSessionTxn.enabled=false', (s) => s.server.closeSessionTxnEnabled, false],
    ['extendedTypesEnabled=true', (s) => s.server.extendedTypesEnabled, true],
    ['emulate353TTLNodes=true', (s) => s.server.emulate353TtlNodes, true],
    ['znode.container.checkIntervalMs=100', (s) => s.server.container.checkIntervalMs, 100],
    ['znode.container.maxPerMinute=3', (s) => s.server.container.maxPerMinute, 3],
    ['znode.container.maxNeverUsedIntervalMs=4', (s) => s.server.container.maxNeverUsedIntervalMs, 4],
    ['skipACL=yes', (s) => s.server.skipAcl, true],
    ['skipACL=true', (s) => s.server.skipAcl, false],
    ['enforceQuota=true', (s) => s.server.enforceQuota, true],
    ['reconfigEnabled=true', (s) => s.server.reconfigEnabled, true],
    ['enforce.auth.schemes=digest, ip', (s) => s.server.enforceAuth.schemes, ['digest', 'ip']],
    [
      'enforce.auth.schemes=digest\nenforce.auth.enabled=true',
      (s) => s.server.enforceAuth,
      { enabled: true, schemes: ['digest'] },
    ],
    ['DigestAuthenticationProvider.enabled=false', (s) => s.server.digestAuth.enabled, false],
    ['DigestAuthenticationProvider.digestAlg=sha-256', (s) => s.server.digestAuth.algorithm, 'SHA-256'],
    ['DigestAuthenticationProvider.superDigest=super:x=', (s) => s.server.digestAuth.superDigest, 'super:x='],
    ['ensembleAuthName=a,b', (s) => s.server.ensembleAuthName, 'a,b'],
    ['storage=level', (s) => s.storage.kind, 'level'],
    ['corral.log.level=debug', (s) => s.logLevel, 'debug'],
    ['corral.sessionPasswords=apache', (s) => s.server.sessionPasswords, 'apache'],
    ['corral.fourLetterWordsOnLoopback=false', (s) => s.server.fourLetterWordsOnLoopback, false],
    ['corral.unsentMaxBytes=9', (s) => s.server.unsentMaxBytes, 9],
    ['corral.slowRequestMs=250', (s) => s.server.slowRequestMs, 250],
    ['corral.watchesMaxPerConnection=9', (s) => s.server.watchesMaxPerConnection, 9],
    ['corral.multiMaxOperations=9', (s) => s.server.multiMaxOperations, 9],
    ['corral.webSocketToken=short', (s) => s.webSocket, undefined],
    ['corral.webSocketPort=0', (s) => s.webSocket, defaultWebSocketSettings],
    [
      [
        'corral.webSocketPort=2182',
        'corral.webSocketAddress=0.0.0.0',
        'corral.webSocketOrigins=https://a.example, http://b.example:8080',
        'corral.webSocketRequireOrigin=true',
        'corral.webSocketToken=0123456789abcdef',
        'corral.webSocketMaxCnxns=7',
      ].join('\n'),
      (s) => s.webSocket,
      {
        address: '0.0.0.0',
        port: 2182,
        origins: ['https://a.example', 'http://b.example:8080'],
        requireOrigin: true,
        token: '0123456789abcdef',
        connectionsMax: 7,
      },
    ],
  ])('%s', (line, read, value) => {
    expect(read(load(`${GOOD()}${line}\n`))).toEqual(value);
  });

  test('what the file leaves out is as Apache has it; only purging is on', () => {
    expect(load(GOOD()).server).toEqual({
      ...defaultServerConfig,
      dataDir: join(folder, 'version-2'),
      dataLogDir: join(folder, 'version-2'),
    });
    expect(defaultServerConfig.autopurge).toEqual({ snapRetainCount: 3, intervalMs: 3_600_000 });
  });

  test('the log has its own directory where dataLogDir says so', () => {
    const { storage, server } = load(`${GOOD()}dataLogDir=${folder}/log\n`);
    expect([storage.dataDir, storage.dataLogDir]).toEqual([folder, join(folder, 'log')]);
    expect(server.dataLogDir).toBe(join(folder, 'log', 'version-2'));
  });

  test('without a file the data are below the working directory, and only this machine may connect', () => {
    const { server, storage } = loadSettings({ file: undefined, flags: new Map(), environment: {} });
    expect(storage.dataDir).toBe(join(process.cwd(), 'data'));
    expect([server.clientPortAddress, server.clientPort]).toEqual(['127.0.0.1', 2181]);
  });
});

describe('a port for pages of browsers is opened as it was meant, or not at all', () => {
  test.each<[line: string, message: string]>([
    ['corral.webSocketPort=x', 'For input string: "x"'],
    ['corral.webSocketPort=70000', 'port out of range:70000'],
    [
      'corral.webSocketOrigins=*',
      'corral.webSocketOrigins: * is not an origin such as https://ops.example.com',
    ],
    [
      'corral.webSocketOrigins=https://a.example/',
      'corral.webSocketOrigins: https://a.example/ is not an origin such as https://ops.example.com',
    ],
    ['corral.webSocketToken=short', 'corral.webSocketToken is not 16 to 200 letters, digits, and . _ ~ -'],
    ['corral.webSocketMaxCnxns=0', 'corral.webSocketMaxCnxns must be 1 or more'],
  ])('%s', (line, message) => {
    expect(failureOf(`${GOOD()}corral.webSocketPort=0\n${line}\n`).message).toContain(message);
  });
});

/** Each message is the one Apache prints for that file (3.8.0 and 3.9.5). */
describe('nonsense is refused in Apache’s words, with its exit code', () => {
  test.each<[name: string, text: () => string, message: string]>([
    ['nothing', () => '', 'dataDir is not set'],
    ['no dataDir', () => 'clientPort=1\n', 'dataDir is not set'],
    ['a port that is no number', () => `${GOOD()}clientPort=abc\n`, 'For input string: "abc"'],
    ['an empty port', () => `${GOOD()}clientPort=\n`, 'For input string: ""'],
    ['a port beyond an int', () => `${GOOD()}clientPort=99999999999\n`, 'For input string: "99999999999"'],
    ['a port too large', () => `${GOOD()}clientPort=70000\n`, 'port out of range:70000'],
    ['a negative port', () => `${GOOD()}clientPort=-5\n`, 'port out of range:-5'],
    [
      'an address without a port',
      () => `dataDir=${folder}\nclientPortAddress=127.0.0.1\n`,
      'clientPortAddress is set but clientPort is not set',
    ],
    [
      'a secure address without a port',
      () => `${GOOD()}secureClientPortAddress=127.0.0.1\n`,
      'secureClientPortAddress is set but secureClientPort is not set',
    ],
    ['no tick', () => `${GOOD()}tickTime=0\n`, 'tickTime is not set'],
    [
      'a negative tick',
      () => `${GOOD()}tickTime=-1\n`,
      'minSessionTimeout must not be larger than maxSessionTimeout',
    ],
    ['a tick with a unit', () => `${GOOD()}tickTime=2s\n`, 'For input string: "2s"'],
    [
      'timeouts the wrong way round',
      () => `${GOOD()}minSessionTimeout=10\nmaxSessionTimeout=5\n`,
      'minSessionTimeout must not be larger than maxSessionTimeout',
    ],
    [
      'a maximum below two ticks',
      () => `${GOOD()}maxSessionTimeout=5\n`,
      'minSessionTimeout must not be larger than maxSessionTimeout',
    ],
    [
      'yes for true',
      () => `${GOOD()}syncEnabled=yes\n`,
      "Invalid option yes for syncEnabled. Choose 'true' or 'false.'",
    ],
    [
      '1 for true',
      () => `${GOOD()}reconfigEnabled=1\n`,
      "Invalid option 1 for reconfigEnabled. Choose 'true' or 'false.'",
    ],
    ['an old election', () => `${GOOD()}electionAlg=1\n`, 'Invalid electionAlg value. Only 3 is supported.'],
    ['an unknown role', () => `${GOOD()}peerType=boss\n`, 'Unrecognised peertype: boss'],
    [
      'SASL required of servers only',
      () => `${GOOD()}quorum.auth.enableSasl=true\nquorum.auth.serverRequireSasl=true\n`,
      'quorum.auth.learnerRequireSasl is disabled, so cannot enable quorum.auth.serverRequireSasl',
    ],
    [
      'SASL required and off',
      () => `${GOOD()}quorum.auth.learnerRequireSasl=true\n`,
      'quorum.auth.enableSasl is disabled, so cannot enable quorum.auth.learnerRequireSasl',
    ],
    [
      'an unknown metrics provider',
      () => `${GOOD()}metricsProvider.className=no.such.Class\n`,
      'metrics provider class was not found',
    ],
    ['a bad escape', () => `${GOOD()}x=\\u12g4\n`, String.raw`Malformed \uxxxx encoding.`],
    ['a count that is none', () => `${GOOD()}autopurge.snapRetainCount=x\n`, 'For input string: "x"'],
    ['a limit that is none', () => `${GOOD()}maxClientCnxns=many\n`, 'For input string: "many"'],
    [
      'enforced authentication without a scheme',
      () => `${GOOD()}enforce.auth.enabled=true\n`,
      'zookeeper.enforce.auth.enabled is true zookeeper.enforce.auth.schemes must be configured.',
    ],
    [
      'enforced authentication with a scheme that is not there',
      () => `${GOOD()}sessionRequireClientSASLAuth=true\n`,
      'Authentication scheme sasl is not available.',
    ],
    [
      'an unknown digest',
      () => `${GOOD()}DigestAuthenticationProvider.digestAlg=CRC\n`,
      "don't support this ALGORITHM : CRC",
    ],
    [
      'a server without ports',
      () => `${GOOD()}server.1=localhost\n`,
      'localhost does not have the form server_config or server_config;client_config where server_config is ' +
        'the pipe separated list of host:port:port or host:port:port:type and client_config is port or host:port',
    ],
    ['a server without a number', () => `${GOOD()}server.x=localhost:1:2\n`, 'For input string: "x"'],
    [
      'a server with one port twice',
      () => `${GOOD()}server.1=localhost:1:1\n`,
      'Client and election port must be different! Please update the configuration file on server.1',
    ],
    [
      'a server with a bad port',
      () => `${GOOD()}server.1=localhost:a:2\n`,
      'Address unresolved: localhost:a',
    ],
    [
      'only observers',
      () => `${GOOD()}server.1=localhost:1:2:observer\n`,
      'Observers w/o participants is an invalid configuration',
    ],
    [
      'one server and an observer',
      () => `${GOOD()}server.1=localhost:1:2\nserver.2=localhost:1:2:observer\n`,
      'Observers w/o quorum is an invalid configuration',
    ],
    [
      'no server, and none may stand alone',
      () => `${GOOD()}standaloneEnabled=false\n`,
      'standaloneEnabled = false then number of participants should be >0',
    ],
    [
      'servers in both files',
      () => `${GOOD()}dynamicConfigFile=${folder}/dynamic\nserver.1=localhost:1:2\n`,
      'parameter: server.1 must be in a separate dynamic config file',
    ],
    ['three servers, no initLimit', () => GOOD() + THREE, 'initLimit is not set'],
    ['three servers, no syncLimit', () => `${GOOD()}${THREE}initLimit=5\n`, 'syncLimit is not set'],
    ['three servers, no myid', () => `${GOOD()}${THREE}initLimit=5\nsyncLimit=2\n`, 'myid file is missing'],
  ])('%s', (_, text, message) => {
    const failure = failureOf(text());
    expect(failure.message).toContain(message);
    expect(failure.message.startsWith('Invalid config, exiting abnormally. ')).toBe(true);
    expect(failure.exitCode).toBe(2);
  });

  test('a missing file', () => {
    const file = join(folder, 'missing.cfg');
    expect(() => loadSettings({ file, flags: new Map(), environment: {} })).toThrow(
      `Invalid config, exiting abnormally. Error processing ${file}: ${file} file is missing`,
    );
  });

  test('the message names file, line and key', () => {
    expect(failureOf(`# a comment\n${GOOD()}tickTime=2s\n`).message).toBe(
      `Invalid config, exiting abnormally. Error processing ${folder}/zoo.cfg, line 4, tickTime: For input string: "2s"`,
    );
  });
});

const THREE = 'server.1=localhost:1:2\nserver.2=localhost:3:4\nserver.3=localhost:5:6\n';

describe('what Apache would do and this version does not is refused or said', () => {
  test.each<[string, () => string, string]>([
    ['no port for clients', () => `dataDir=${folder}\n`, 'clientPort is not set'],
    ['a port for TLS', () => `${GOOD()}secureClientPort=2182\n`, 'does not speak TLS'],
    ['an unknown storage', () => `${GOOD()}storage=tape\n`, "Choose 'file' or 'level'"],
    ['an unknown log level', () => `${GOOD()}corral.log.level=loud\n`, 'Choose one of trace, debug'],
    ['unknown session passwords', () => `${GOOD()}corral.sessionPasswords=x\n`, "Choose 'keyed' or 'apache'"],
  ])('%s is refused', (_, text, message) => {
    const failure = failureOf(text());
    expect([failure.message.includes(message), failure.exitCode]).toEqual([true, ExitCode.invalidInvocation]);
  });

  test('one server line is ignored with Apache’s warning', () => {
    expect(load(`${GOOD()}server.1=localhost:2888:3888\n`).notices).toEqual([
      'Invalid configuration, only one server specified (ignoring)',
    ]);
  });

  test('a key without effect, an unknown key and a value not understood are named', () => {
    const { notices } = load(`${GOOD()}commitLogCount=900\nnonsense=1\nsnapCount=many\ndataLogDir=rel\n`);
    expect(notices).toEqual([
      `commitLogCount in ${folder}/zoo.cfg has no effect: it concerns ensembles`,
      `nonsense in ${folder}/zoo.cfg has no effect: no such key is known`,
      'snapCount=many is not a number this key can have: the default stays',
      "rel is relative. Prepend ./ to indicate that you're sure!",
    ]);
  });

  test('keys of ensembles that change nothing say why', () => {
    const keys = ['multiAddress.reachabilityCheckTimeoutMs=9', 'multiAddress.reachabilityCheckEnabled=false'];
    const { notices } = load(`${GOOD()}${keys.join('\n')}\nobserverMaster.sizeLimit=14\n`);
    const dialled = 'has no effect: all addresses of a server are dialled at once';
    const told =
      'has no effect: observers of a follower are told from what it keeps for all learners (commitLogCount)';
    expect(notices).toEqual([
      `multiAddress.reachabilityCheckTimeoutMs in ${folder}/zoo.cfg ${dialled}`,
      `multiAddress.reachabilityCheckEnabled in ${folder}/zoo.cfg ${dialled}`,
      `observerMaster.sizeLimit in ${folder}/zoo.cfg ${told}`,
    ]);
  });

  test('sizes of caches that are not there have no effect, and the log says why', () => {
    const why = 'has no effect: nodes lie encoded in the tree, so a cache of replies would save nothing';
    expect(load(`${GOOD()}maxResponseCacheSize=1\nmaxGetChildrenResponseCacheSize=1\n`).notices).toEqual([
      `maxResponseCacheSize in ${folder}/zoo.cfg ${why}`,
      `maxGetChildrenResponseCacheSize in ${folder}/zoo.cfg ${why}`,
    ]);
  });

  test('keys about Apache’s files have no effect on LevelDB', () => {
    const keys = 'preAllocSize=64\ntxnLogSizeLimitInKb=64\nsnapshot.compression.method=gz\n';
    expect(load(`${GOOD()}storage=level\n${keys}`).notices).toEqual([
      'preAllocSize has no effect: LevelDB has its own files (storage=level)',
      'txnLogSizeLimitInKb has no effect: LevelDB has its own files (storage=level)',
      'snapshot.compression.method has no effect: LevelDB has its own files (storage=level)',
    ]);
    expect(load(`${GOOD()}${keys}`).notices).toEqual([]);
    expect(load(`${GOOD()}storage=level\n`).notices).toEqual([]);
  });

  test('every key Apache’s parser is strict about is strict here, effect or not', () => {
    for (const [key, kind] of Object.entries(strictWithoutEffect)) {
      expect([key, reasonForNoEffect(key)]).toEqual([key, expect.any(String)]);
      expect(failureOf(`${GOOD()}${key}=x\n`).message).toContain(
        kind === 'int' ? 'For input string: "x"' : `Invalid option x for ${key}`,
      );
    }
  });
});

describe('a dynamic configuration file', () => {
  test('may hold the one server, whose client address counts where myid says that it is this one', () => {
    writeFileSync(join(folder, 'dynamic'), 'server.1=localhost:2888:3888:participant;127.0.0.1:2345\n');
    writeFileSync(join(folder, 'myid'), '1\n');
    try {
      const { server } = load(`dataDir=${folder}\ndynamicConfigFile=${folder}/dynamic\n`);
      expect([server.clientPortAddress, server.clientPort]).toEqual(['127.0.0.1', 2345]);
    } finally {
      rmSync(join(folder, 'myid'));
    }
  });

  test('holds nothing but servers', () => {
    writeFileSync(join(folder, 'dynamic'), 'tickTime=1\n');
    expect(failureOf(`${GOOD()}dynamicConfigFile=${folder}/dynamic\n`).message).toContain(
      'Unrecognised parameter: tickTime',
    );
  });

  test('must be there', () => {
    expect(failureOf(`${GOOD()}dynamicConfigFile=${folder}/nowhere\n`).message).toContain('file is missing');
  });
});

describe('the file counts before -D, that before the environment, that before the default', () => {
  const environment = { CORRAL_SNAP_COUNT: '10', PATH: '/bin' };
  const flags = { 'zookeeper.snapCount': '20' };

  test('one by one', () => {
    expect(load(GOOD(), {}, environment).server.snapCount).toBe(10);
    expect(load(GOOD(), flags, environment).server.snapCount).toBe(20);
    expect(load(`${GOOD()}snapCount=30\n`, flags, environment).server.snapCount).toBe(30);
  });

  test('a list is replaced, not added to', () => {
    const words = load(`${GOOD()}4lw.commands.whitelist=stat\n`, {
      'zookeeper.4lw.commands.whitelist': 'ruok',
    });
    expect(words.server.fourLetterWordWhitelist).toEqual(['srvr', 'stat']);
  });

  test('-D takes Apache’s names, with the prefix or bare, and the keys of zoo.cfg', () => {
    const { server } = load(GOOD(), {
      'jute.maxbuffer': '5',
      'zookeeper.jute.maxbuffer.extrasize': '6',
      'zookeeper.tickTime': '500',
      'corral.multiMaxOperations': '7',
    });
    expect([
      server.juteMaxBuffer,
      server.juteMaxBufferExtraSize,
      server.tickTime,
      server.multiMaxOperations,
    ]).toEqual([5, 6, 500, 7]);
  });

  test('names that mean nothing are said', () => {
    const { notices } = load(GOOD(), { 'java.io.tmpdir': '/x' }, { CORRAL_NONSENSE: '1' });
    expect(notices).toEqual([
      'CORRAL_NONSENSE is the name of no key: no effect',
      '-Djava.io.tmpdir has no effect: no such key is known',
    ]);
  });

  test('nonsense on the command line is refused too', () => {
    expect(() => load(GOOD(), { 'zookeeper.tickTime': 'x' })).toThrow(
      'Error processing -Dzookeeper.tickTime: For input string: "x"',
    );
  });
});

describe('environment variables', () => {
  test.each([
    ['tickTime', 'CORRAL_TICK_TIME'],
    ['4lw.commands.whitelist', 'CORRAL_4LW_COMMANDS_WHITELIST'],
    ['skipACL', 'CORRAL_SKIP_ACL'],
    ['emulate353TTLNodes', 'CORRAL_EMULATE353_TTL_NODES'],
    ['znode.container.maxPerMinute', 'CORRAL_ZNODE_CONTAINER_MAX_PER_MINUTE'],
    ['sessionRequireClientSASLAuth', 'CORRAL_SESSION_REQUIRE_CLIENT_SASL_AUTH'],
    ['corral.log.level', 'CORRAL_LOG_LEVEL'],
    ['storage', 'CORRAL_STORAGE'],
  ])('%s is %s', (key, name) => {
    expect(environmentName(key)).toBe(name);
  });

  test('no two keys share one', () => {
    expect(environmentNames.size).toBe(Object.keys(honouredKeys).length + Object.keys(ensembleKeys).length);
  });
});
