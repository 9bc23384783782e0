import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultEnsembleConfig, type EnsembleConfig } from '@corral/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensembleKeys } from './ensemble-keys.ts';
import { loadSettings } from './load.ts';
import type { Settings } from './settings.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-members-'));
  writeFileSync(join(folder, 'myid'), '1\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const ADDRESSES = 'server.1=h1:2888:3888\nserver.2=h2:2888:3888\nserver.3=h3:2888:3888\n';
/** All that does not speak of members: a case's own line stands behind and counts. */
const STATIC = (): string => `dataDir=${folder}\nclientPort=2181\ninitLimit=10\nsyncLimit=5\n`;

function load(text: string, flags: Record<string, string> = {}): Settings {
  const file = join(folder, 'zoo.cfg');
  writeFileSync(file, text, 'latin1');
  return loadSettings({ file, flags: new Map(Object.entries(flags)), environment: {} });
}

function ensembleOf(text: string): EnsembleConfig {
  const { ensemble } = load(text).server;
  if (ensemble === undefined) throw new Error('it stands alone');
  return ensemble;
}

describe('every key of ensembles has its field', () => {
  test.each<[line: string, read: (ensemble: EnsembleConfig) => unknown, value: unknown]>([
    ['initLimit=7', (e) => e.initLimit, 7],
    ['syncLimit=8', (e) => e.syncLimit, 8],
    ['connectToLearnerMasterLimit=3', (e) => e.connectToLearnerMasterLimit, 3],
    ['electionAlg=3', () => 3, 3],
    ['localSessionsEnabled=true', (e) => e.localSessionsEnabled, true],
    ['localSessionsUpgradingEnabled=TRUE', (e) => e.localSessionsUpgradingEnabled, true],
    ['multiAddress.enabled=true', (e) => e.multiAddress.enabled, true],
    ['observerMasterPort=2191', (e) => e.observerMasterPort, 2191],
    ['observerMasterPort=-1', (e) => e.observerMasterPort, 0],
    ['quorumListenOnAllIPs=true', (e) => e.quorumListenOnAllIPs, true],
    ['syncEnabled=false', (e) => e.syncEnabled, false],
    ['observer.syncEnabled=false', (e) => e.syncEnabled, false],
    ['syncEnabled=false\nobserver.syncEnabled=true', (e) => e.syncEnabled, true],
    ['cnxTimeout=100', (e) => e.cnxTimeout, 100],
    ['commitLogCount=600', (e) => e.commitLogCount, 600],
    ['commitLogCount=499', (e) => e.commitLogCount, 500],
    ['commitLogCount=x', (e) => e.commitLogCount, 500],
    ['db.autocreate=false', (e) => e.dbAutocreate, false],
    ['electionPortBindRetry=0', (e) => e.electionPortBindRetry, 0],
    ['electionPortBindRetry=-1', (e) => e.electionPortBindRetry, 3],
    ['fastleader.minNotificationInterval=5', (e) => e.fastLeaderElection.minNotificationInterval, 5],
    ['fastleader.maxNotificationInterval=6', (e) => e.fastLeaderElection.maxNotificationInterval, 6],
    ['forceSnapshotSync=true', (e) => e.forceSnapshotSync, true],
    ['leader.maxConcurrentSnapSyncs=2', (e) => e.maxConcurrentSnapSyncs, 2],
    ['leader.maxConcurrentSnapSyncs=0', (e) => e.maxConcurrentSnapSyncs, 10],
    ['leader.maxConcurrentDiffSyncs=3', (e) => e.maxConcurrentDiffSyncs, 3],
    ['leader.maxTimeToWaitForEpoch=50', (e) => e.maxTimeToWaitForEpoch, 50],
    ['leaderConnectDelayDuringRetryMs=11', (e) => e.leaderConnectDelayDuringRetryMs, 11],
    ['leaderServes=no', (e) => e.leaderServes, false],
    ['leaderServes=false', (e) => e.leaderServes, true],
    ['observer.election.DelayMs=12', (e) => e.observerElectionDelayMs, 12],
    ['observer.reconnectDelayMs=13', (e) => e.observerReconnectDelayMs, 13],
    ['quorumCnxnTimeoutMs=15', (e) => e.quorumCnxnTimeoutMs, 15],
    ['readonlymode.enabled=true', (e) => e.readOnlyMode, true],
    ['snapshotSizeFactor=0.5', (e) => e.snapshotSizeFactor, 0.5],
    ['snapshotSizeFactor=-1', (e) => e.snapshotSizeFactor, -1],
    ['snapshotSizeFactor=1.5', (e) => e.snapshotSizeFactor, 0.33],
    ['snapshotSizeFactor=a third', (e) => e.snapshotSizeFactor, 0.33],
    ['tcpKeepAlive=true', (e) => e.tcpKeepAlive, true],
    ['standaloneEnabled=false', (e) => e.quorum.rules.isStandaloneEnabled, false],
  ])('%s', (line, read, value) => {
    expect(read(ensembleOf(`${STATIC()}${ADDRESSES}${line}\n`))).toBe(value);
  });

  test('enableEagerACLCheck=true', () => {
    expect(load(`${STATIC()}${ADDRESSES}enableEagerACLCheck=true\n`).server.enableEagerAclCheck).toBe(true);
  });

  test('what nobody says is as in Apache', () => {
    expect(ensembleOf(STATIC() + ADDRESSES)).toMatchObject({
      ...defaultEnsembleConfig,
      lastSeenQuorum: undefined,
      initLimit: 10,
      syncLimit: 5,
    });
  });

  test('session passwords are made by Apache’s formula, unless all members are said to share a key', () => {
    expect(load(STATIC() + ADDRESSES).server.sessionPasswords).toBe('apache');
    expect(load(`${STATIC()}${ADDRESSES}corral.sessionPasswords=keyed\n`).server.sessionPasswords).toBe(
      'keyed',
    );
    expect(load(STATIC()).server.sessionPasswords).toBe('keyed');
  });

  test('none of them is said to have no effect, but nonsense is named', () => {
    const lines = Object.keys(ensembleKeys)
      .filter((key) => !(key in STRICT))
      .map((key) => `${key}=0\n`);
    const { notices } = load(`${STATIC()}${ADDRESSES}${lines.join('')}peerType=participant\n`);
    expect(notices.filter((notice) => notice.includes('has no effect'))).toEqual([]);
    expect(load(`${STATIC()}${ADDRESSES}cnxTimeout=soon\n`).notices).toEqual([
      'cnxTimeout=soon is not a number this key can have: the default stays',
    ]);
  });

  test('a server that stands alone says that they have no effect', () => {
    const { notices, server } = load(`${STATIC()}leaderServes=no\nsslQuorum=true\n`);
    expect(server.ensemble).toBeUndefined();
    expect(notices).toEqual([
      `leaderServes in ${folder}/zoo.cfg has no effect: it concerns ensembles`,
      'sslQuorum has no effect: it concerns ensembles',
    ]);
  });

  test('a flag counts as a line does', () => {
    const flags = { 'zookeeper.leaderServes': 'no', 'zookeeper.multiAddress.enabled': 'true' };
    const { ensemble } = load(STATIC() + ADDRESSES, flags).server;
    expect([ensemble?.leaderServes, ensemble?.multiAddress.enabled]).toEqual([false, true]);
  });

  const STRICT: Readonly<Record<string, 'int' | 'boolean' | 'peerType'>> = {
    connectToLearnerMasterLimit: 'int',
    electionAlg: 'int',
    observerMasterPort: 'int',
    'multiAddress.reachabilityCheckTimeoutMs': 'int',
    localSessionsEnabled: 'boolean',
    localSessionsUpgradingEnabled: 'boolean',
    'multiAddress.enabled': 'boolean',
    'multiAddress.reachabilityCheckEnabled': 'boolean',
    quorumListenOnAllIPs: 'boolean',
    sslQuorum: 'boolean',
    syncEnabled: 'boolean',
    peerType: 'peerType',
  };
  test.each(Object.entries(STRICT))('nonsense of %s is refused, in an ensemble or not', (key, kind) => {
    const message = {
      int: 'For input string: "x"',
      boolean: `Invalid option x for ${key}. Choose 'true' or 'false.'`,
      peerType: 'Unrecognised peertype: x',
    }[kind];
    for (const members of ['', ADDRESSES])
      expect(() => load(`${STATIC()}${members}${key}=x\n`)).toThrow(message);
  });
});

describe('the members', () => {
  test('stand in the file itself, which is then named', () => {
    const { server, configFile, dynamicConfigFile } = load(STATIC() + ADDRESSES);
    expect(server.ensemble?.quorum.toString()).toBe(
      'server.1=h1:2888:3888:participant\nserver.2=h2:2888:3888:participant\nserver.3=h3:2888:3888:participant\nversion=0',
    );
    expect(server.serverId).toBe(1);
    expect([configFile, dynamicConfigFile]).toEqual([join(folder, 'zoo.cfg'), undefined]);
  });

  test('may have blanks behind their lines', () => {
    const lines = 'server.1=h1:1:2 \nserver.2=h2:1:2;2181\t\nserver.3=h3:1:2 \n';
    expect(ensembleOf(STATIC() + lines).quorum.voters).toEqual(new Set([1, 2, 3]));
  });

  test('may have several addresses each, where that is enabled', () => {
    const lines = 'server.1=h1:1:2|h1b:1:2\nserver.2=h2:1:2\nmultiAddress.enabled=true\n';
    expect(ensembleOf(STATIC() + lines).quorum.servers.get(1)?.addresses).toHaveLength(2);
  });

  test('may have groups and weights', () => {
    const { quorum } = ensembleOf(`${STATIC()}${ADDRESSES}group.1=1:2:3\nweight.2=0\n`);
    expect(quorum.hierarchy?.weightOf(2)).toBe(0);
  });

  test('may stand in a file of their own, whose name ends in their version', () => {
    const file = join(folder, 'zoo.cfg.dynamic.1000000a');
    writeFileSync(file, ADDRESSES);
    const { server, dynamicConfigFile } = load(`${STATIC()}dynamicConfigFile=${file}\n`);
    expect(server.ensemble?.quorum.version).toBe(0x1000000a);
    expect(dynamicConfigFile).toBe(file);
    writeFileSync(join(folder, 'members.dynamic'), ADDRESSES);
    expect(ensembleOf(`${STATIC()}dynamicConfigFile=${folder}/members.dynamic\n`).quorum.version).toBe(0);
  });

  test('that were proposed last stand beside', () => {
    const file = join(folder, 'members.dynamic');
    const next = join(folder, 'zoo.cfg.dynamic.next');
    writeFileSync(file, ADDRESSES);
    writeFileSync(next, `${ADDRESSES}server.4=h4:1:2:observer\nversion=100000007`);
    try {
      const { lastSeenQuorum } = ensembleOf(`${STATIC()}dynamicConfigFile=${file}\n`);
      expect([lastSeenQuorum?.version, lastSeenQuorum?.observers]).toEqual([0x1_0000_0007, new Set([4])]);
      expect(ensembleOf(STATIC() + ADDRESSES).lastSeenQuorum).toBeUndefined();
      writeFileSync(next, 'server.1=h1:1\nversion=100000007');
      expect(() => load(`${STATIC()}dynamicConfigFile=${file}\n`)).toThrow(
        `${next}, line 1: h1:1 does not have`,
      );
    } finally {
      rmSync(next);
    }
  });

  test('may be one, where none may stand alone', () => {
    const { quorum } = ensembleOf(`${STATIC()}standaloneEnabled=false\nserver.1=h1:2888:3888\n`);
    expect(quorum.voters).toEqual(new Set([1]));
  });

  test('may be two, with an oracle that says when one is enough', () => {
    const oracle = join(folder, 'oracle');
    const { quorum } = ensembleOf(`${STATIC()}server.1=h1:1:2\nserver.2=h2:1:2\noraclePath=${oracle}\n`);
    expect(quorum.containsQuorum(new Set([1]))).toBe(false);
    writeFileSync(oracle, '1\n');
    expect(quorum.containsQuorum(new Set([1]))).toBe(true);
    writeFileSync(oracle, '0');
    expect(quorum.containsQuorum(new Set([1]))).toBe(false);
  });

  test.each([
    [
      'two',
      'server.1=h1:1:2\nserver.2=h2:1:2\n',
      'No server failure will be tolerated. You need at least 3 servers.',
    ],
    [
      'four',
      `${ADDRESSES}server.4=h4:1:2\n`,
      'Non-optimal configuration, consider an odd number of servers.',
    ],
    [
      'a role that the list does not confirm',
      `${ADDRESSES}peerType=observer\n`,
      "Peer type from servers list (PARTICIPANT) doesn't match peerType (OBSERVER). Defaulting to servers list.",
    ],
  ])('with %s are warned of', (_what, lines, notice) => {
    expect(load(STATIC() + lines).notices).toEqual([notice]);
  });

  test.each<[string, string, string]>([
    ['an address that is none', `${ADDRESSES}server.4=h4\n`, 'zoo.cfg, line 8: h4 does not have the form'],
    ['a port that is none', `${ADDRESSES}server.4=h4:1:x\n`, 'zoo.cfg, line 8: Address unresolved: h4:x'],
    ['a server in no group', `${ADDRESSES}group.1=1:2\n`, 'zoo.cfg, line 7: Server 3 is not in a group'],
    [
      'a server in two groups',
      `${ADDRESSES}group.1=1:2:3:1\n`,
      'zoo.cfg, line 8: Server 1 is in multiple groups',
    ],
    [
      'several addresses',
      'server.1=h1:1:2|h2:1:2\n',
      'zoo.cfg, line 5: Multiple address feature is disabled',
    ],
    ['this server not among them', 'server.2=h2:1:2\nserver.3=h3:1:2\n', 'My id 1 not in the peer list'],
    ['TLS between them', `${ADDRESSES}sslQuorum=true\n`, 'this version does not speak TLS'],
    ['SASL between them', `${ADDRESSES}quorum.auth.enableSasl=true\n`, 'this version does not speak SASL'],
    ['no initLimit', `${ADDRESSES}initLimit=0\n`, 'initLimit is not set'],
    ['a negative syncLimit', `${ADDRESSES}syncLimit=-1\n`, 'syncLimit must not be negative'],
    ['another election', `${ADDRESSES}electionAlg=1\n`, 'Invalid electionAlg value. Only 3 is supported.'],
  ])('with %s are refused', (_what, lines, message) => {
    expect(() => load(STATIC() + lines)).toThrow(message);
  });

  test('in a file of their own say no version, and are refused with its lines', () => {
    const file = join(folder, 'members.dynamic');
    const text = `${STATIC()}dynamicConfigFile=${file}\n`;
    writeFileSync(file, `${ADDRESSES}version=5\n`);
    expect(() => load(text)).toThrow(`${file}, line 4: dynamic file shouldn't have version inside`);
    writeFileSync(file, `${ADDRESSES}tickTime=5\n`);
    expect(() => load(text)).toThrow(`${file}, line 4: Unrecognised parameter: tickTime`);
    writeFileSync(file, `# two\n${ADDRESSES}server.4=h4:x:1\n`);
    expect(() => load(text)).toThrow(`${file}, line 5: Address unresolved: h4:x`);
  });
});

describe('this server', () => {
  test.each(['', 'one\n', '1 \n'])('has a number in myid: %j is none', (text) => {
    writeFileSync(join(folder, 'myid'), text);
    try {
      expect(() => load(STATIC() + ADDRESSES)).toThrow(`serverid ${text.trimEnd() || ''}`);
    } finally {
      writeFileSync(join(folder, 'myid'), '1\n');
    }
  });

  test('has one of 254 at most where nodes may have a time to live', () => {
    writeFileSync(join(folder, 'myid'), '255');
    const lines = `${STATIC()}${ADDRESSES}server.255=h4:1:2:observer\n`;
    try {
      expect(load(lines).server.serverId).toBe(255);
      expect(() => load(`${lines}extendedTypesEnabled=true\n`)).toThrow('Cannot be larger than 254');
    } finally {
      writeFileSync(join(folder, 'myid'), '1\n');
    }
  });

  test.each<[string, string, string, [string, number]]>([
    ['its own file', 'clientPort=2181', 'h1:1:2', ['0.0.0.0', 2181]],
    ['its line', '', 'h1:1:2;127.0.0.1:2182', ['127.0.0.1', 2182]],
    ['its line, without a host', '', 'h1:1:2;2182', ['0.0.0.0', 2182]],
    ['both, the file for all addresses', 'clientPort=2182', 'h1:1:2;127.0.0.1:2182', ['127.0.0.1', 2182]],
    [
      'both, one of them by name',
      'clientPort=2182\nclientPortAddress=localhost',
      'h1:1:2;127.0.0.1:2182',
      ['127.0.0.1', 2182],
    ],
  ])('is open to clients where %s says', (_what, line, address, expected) => {
    const { server } = load(
      `dataDir=${folder}\ninitLimit=1\nsyncLimit=1\n${line}\nserver.1=${address}\nserver.2=h2:1:2\n`,
    );
    expect([server.clientPortAddress, server.clientPort]).toEqual(expected);
  });

  test.each([
    ['clientPort=2181', 'h1:1:2;2182'],
    ['clientPort=2182\nclientPortAddress=127.0.0.2', 'h1:1:2;127.0.0.1:2182'],
    ['clientPort=2182\nclientPortAddress=127.0.0.2', 'h1:1:2;2182'],
  ])('is refused where %j and %j say different things', (line, address) => {
    const text = `dataDir=${folder}\ninitLimit=1\nsyncLimit=1\n${line}\nserver.1=${address}\nserver.2=h2:1:2\n`;
    expect(() => load(text)).toThrow('is different from client address found in dynamic file');
  });
});
