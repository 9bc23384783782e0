import { toZxid } from '@corral/protocol';
import { describe, expect, test } from 'vitest';
import { defaultServerConfig } from '../config.ts';
import { fourLetterWordOf, isAnswered, refusal } from './access.ts';
import type { ConnectionView, ServerView } from './server-view.ts';
import { fullVersion } from './version.ts';
import { fourLetterWords, type FourLetterWord, type FourLetterWordName } from './words.ts';

const version = fullVersion('0.1.0', '2026-02-11 20:18 UTC');

const connection: ConnectionView = {
  remoteHost: '127.0.0.1',
  remotePort: 49452,
  interestOps: 1,
  outstandingRequests: 0,
  packetsReceived: 15,
  packetsSent: 16,
  sessionId: 0x1000010fb340000n,
  lastOperation: 'CREA',
  establishedAt: 1_795_167_964_576,
  sessionTimeout: 10_000,
  lastCxid: 0xe,
  lastZxid: 0xc,
  lastResponseTime: 1_144_812.4,
  lastLatency: 2.9,
  latency: { min: 0.2, avg: 2.6, max: 13 },
};

const asking: ConnectionView = {
  ...connection,
  remotePort: 49484,
  interestOps: 0,
  packetsReceived: 1,
  packetsSent: 0,
  sessionId: 0n,
};

/** A server with two sessions, three ephemeral nodes and two watches, as Apache 3.9.5 once showed one. */
const serving: ServerView = {
  isServing: true,
  mode: 'standalone',
  version,
  config: {
    ...defaultServerConfig,
    tickTime: 2000,
    dataDir: '/data/version-2',
    dataLogDir: '/log/version-2',
  },
  clientPort: 23951,
  minSessionTimeout: 4000,
  maxSessionTimeout: 40_000,
  lastProcessedZxid: toZxid(0xc),
  nodeCount: 13,
  latency: { min: 0, avg: 1.9, max: 13 },
  packetsReceived: 38,
  packetsSent: 37,
  outstandingRequests: 0,
  connectionCount: 2,
  connections: () => [connection, asking],
  sessionCount: 2,
  sessionExpiries: () => [
    { expiresAt: 1_795_167_971_000, count: 1, members: () => [0x1000010fb340001n] },
    { expiresAt: 1_795_167_975_000, count: 1, members: () => [0x1000010fb340000n] },
  ],
  connectionExpiries: () => [{ expiresAt: 1_795_167_979_000, count: 2, members: () => [connection, asking] }],
  ephemeralOwnerCount: 2,
  ephemerals: () => [
    [0x1000010fb340000n, ['/e1', '/e2']],
    [0x1000010fb340001n, ['/e3']],
  ],
  watches: {
    connectionCount: 2,
    pathCount: 2,
    watchCount: 2,
    bySession: () => [
      [0x1000010fb340000n, ['/e2']],
      [0x1000010fb340001n, ['/nope']],
    ],
    byPath: () => [
      ['/e2', [0x1000010fb340000n]],
      ['/nope', [0x1000010fb340001n]],
    ],
  },
  digests: () => [{ zxid: toZxid(0x80), digest: 0xffff_ffff_ffff_fffen }],
  sizes: async () => ({ snapshotBytes: 478, logBytes: 67_109_358 }),
  metrics: () => [
    { name: 'znode_count', value: 13, isDecimal: false },
    { name: 'x_quota_count_limit_per_namespace', value: 10, isDecimal: false },
    { name: 'response_bytes', value: 916, isDecimal: false },
    { name: 'avg_fsynctime', value: 1 / 3, isDecimal: true },
    { name: 'max_fsynctime', value: 0.6, isDecimal: false },
    { name: 'p999_readlatency', value: 2, isDecimal: false },
  ],
  environment: () => [
    ['host.name', 'localhost'],
    ['os.name', 'Linux'],
  ],
  resetStatistics: () => {},
  resetConnectionStatistics: () => {},
  families: () => [],
  lastSnapshot: () => Promise.resolve(undefined),
  takeSnapshot: () => Promise.reject(new Error('nobody asks for it')),
  top: () => ({ sinceMs: 0, sampledOneOf: 1, requestCount: 0, clients: [], paths: [], operations: [] }),
  adminStanding: () => 'denied',
};

function word(name: FourLetterWordName): FourLetterWord {
  return fourLetterWords.find((each) => each.name === name)!;
}

async function ask(name: FourLetterWordName, view: ServerView = serving): Promise<string> {
  return Array.from(await word(name).answer(view)).join('');
}

describe('each word answers as Apache 3.9.5 does', () => {
  test('ruok: imok, without a newline', async () => {
    expect(await ask('ruok')).toBe('imok');
  });

  test('srvr', async () => {
    expect(await ask('srvr')).toBe(
      `Zookeeper version: 3.9.5-corral-0.1.0, built on 2026-02-11 20:18 UTC
Latency min/avg/max: 0/1.9/13
Received: 38
Sent: 37
Connections: 2
Outstanding: 0
Zxid: 0xc
Mode: standalone
Node count: 13
`,
    );
  });

  test('stat: the clients, briefly, between the version and the rest of srvr', async () => {
    expect(await ask('stat')).toBe(
      `Zookeeper version: 3.9.5-corral-0.1.0, built on 2026-02-11 20:18 UTC
Clients:
 /127.0.0.1:49452[1](queued=0,recved=15,sent=16)
 /127.0.0.1:49484[0](queued=0,recved=1,sent=0)

Latency min/avg/max: 0/1.9/13
Received: 38
Sent: 37
Connections: 2
Outstanding: 0
Zxid: 0xc
Mode: standalone
Node count: 13
`,
    );
  });

  test('cons: the session only where there is one', async () => {
    expect(await ask('cons')).toBe(
      ` /127.0.0.1:49452[1](queued=0,recved=15,sent=16,sid=0x1000010fb340000,lop=CREA,est=1795167964576,to=10000,lcxid=0xe,lzxid=0xc,lresp=1144812,llat=2,minlat=0,avglat=2,maxlat=13)
 /127.0.0.1:49484[0](queued=0,recved=1,sent=0)

`,
    );
  });

  test('cons of a session that nothing was asked of: no cxid, the zxid -1', async () => {
    const fresh = { ...connection, lastOperation: 'NA', lastCxid: -1, lastZxid: -1, lastResponseTime: 0 };
    expect(await ask('cons', { ...serving, connections: () => [fresh] })).toContain(
      ',lop=NA,est=1795167964576,to=10000,lzxid=0xffffffffffffffff,lresp=0,',
    );
  });

  test('conf', async () => {
    expect(await ask('conf')).toBe(
      `clientPort=23951
secureClientPort=-1
dataDir=/data/version-2
dataDirSize=478
dataLogDir=/log/version-2
dataLogSize=67109358
tickTime=2000
maxClientCnxns=60
minSessionTimeout=4000
maxSessionTimeout=40000
clientPortListenBacklog=-1
serverId=0
`,
    );
  });

  test('dirs', async () => {
    expect(await ask('dirs')).toBe('datadir_size: 478\nlogdir_size: 67109358\n');
  });

  test('dump: times in UTC, whatever the zone of the machine', async () => {
    expect(await ask('dump')).toBe(
      `SessionTracker dump:
Session Sets (2)/(2):
1 expire at Fri Nov 20 09:46:11 UTC 2026:
	0x1000010fb340001
1 expire at Fri Nov 20 09:46:15 UTC 2026:
	0x1000010fb340000
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x1000010fb340000:
	/e1
	/e2
0x1000010fb340001:
	/e3
Connections dump:
Connections Sets (1)/(2):
2 expire at Fri Nov 20 09:46:19 UTC 2026:
	ip: /127.0.0.1:49452 sessionId: 0x1000010fb340000
	ip: /127.0.0.1:49484 sessionId: 0x0
`,
    );
  });

  test('wchs, wchc and wchp', async () => {
    expect(await ask('wchs')).toBe('2 connections watching 2 paths\nTotal watches:2\n');
    expect(await ask('wchc')).toBe('0x1000010fb340000\n\t/e2\n0x1000010fb340001\n\t/nope\n\n');
    expect(await ask('wchp')).toBe('/e2\n\t0x1000010fb340000\n/nope\n\t0x1000010fb340001\n\n');
  });

  test('envi', async () => {
    expect(await ask('envi')).toBe(
      `Environment:\nzookeeper.version=${version}\nhost.name=localhost\nos.name=Linux\n`,
    );
  });

  test('isro: rw or ro, without a newline', async () => {
    expect(await ask('isro')).toBe('rw');
    expect(await ask('isro', { ...serving, mode: 'read-only' })).toBe('ro');
  });

  test('hash: zxid in hexadecimal, digest as a signed long', async () => {
    expect(await ask('hash')).toBe('80: -2\n');
  });

  test("gtmk: Apache's default mask, and no stmk that could change it", async () => {
    expect(await ask('gtmk')).toBe('306');
    expect(fourLetterWords.map(({ name }) => name)).not.toContain('stmk');
  });

  test('crst and srst reset what they say, once', async () => {
    const reset: string[] = [];
    const view = {
      ...serving,
      resetStatistics: () => reset.push('server'),
      resetConnectionStatistics: () => reset.push('connections'),
    };
    expect(await ask('crst', view)).toBe('Connection stats reset.\n');
    expect(await ask('srst', view)).toBe('Server stats reset.\n');
    expect(reset).toEqual(['connections', 'server']);
  });
});

describe('mntr', () => {
  test('begins with the version and the mode; every line is a name, a tab and a value', async () => {
    const lines = (await ask('mntr')).split('\n');
    expect(lines.slice(0, 2)).toEqual([`zk_version\t${version}`, 'zk_server_state\tstandalone']);
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^zk_[\w.-]+\t\S/);
  });

  test('shows each of the 494 lines of Apache 3.9.5 once, and what else was collected', async () => {
    const names = (await ask('mntr')).split('\n').map((line) => line.split('\t')[0]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length - 1).toBe(2 + 24 + 51 + 42 * 5 + 23 * 9 + 1);
  });

  test('takes figures from what is collected, else from the server, else zero', async () => {
    const text = await ask('mntr');
    for (const line of [
      'avg_latency\t1.9',
      'znode_count\t13',
      'packets_received\t38',
      'last_client_response_size\t-1',
      'connection_drop_probability\t0.0',
      'x_quota_count_limit_per_namespace\t10',
      'response_bytes\t916',
      'snap_count\t0',
      'avg_fsynctime\t0.3333',
      'max_fsynctime\t1',
      'p999_readlatency\t2',
      'avg_election_time\t0.0',
    ])
      expect(text).toContain(`zk_${line}\n`);
  });
});

describe('while the server does not serve', () => {
  test('ruok and envi answer all the same, isro says null, the others say that it does not serve', () => {
    const said = Object.fromEntries(fourLetterWords.map((each) => [each.name, each.notServing]));
    expect(said).toMatchObject({ ruok: undefined, envi: undefined, isro: 'null' });
    expect(said['hash']).toBe('This ZooKeeper instance is not currently serving requests');
    for (const name of [
      'srvr',
      'stat',
      'mntr',
      'conf',
      'cons',
      'dump',
      'wchs',
      'wchc',
      'wchp',
      'crst',
      'srst',
      'dirs',
    ])
      expect(said[name]).toBe('This ZooKeeper instance is not currently serving requests\n');
  });
});

describe('who is answered', () => {
  const listed = { fourLetterWordWhitelist: ['srvr', 'mntr'], fourLetterWordsOnLoopback: false };

  test('a word is known by its four bytes read as an int', () => {
    expect(fourLetterWordOf(0x72_75_6f_6b)?.name).toBe('ruok');
    expect(fourLetterWordOf(0x78_78_78_78)).toBeUndefined();
    expect(fourLetterWordOf(45)).toBeUndefined();
  });

  test('anybody, for the words on the list; `*` lists them all; srvr needs no list', () => {
    expect(isAnswered(word('mntr'), listed, '10.0.0.1')).toBe(true);
    expect(isAnswered(word('dump'), listed, '10.0.0.1')).toBe(false);
    expect(isAnswered(word('crst'), { ...listed, fourLetterWordWhitelist: ['*'] }, '10.0.0.1')).toBe(true);
    expect(isAnswered(word('srvr'), { ...listed, fourLetterWordWhitelist: [] }, '10.0.0.1')).toBe(true);
  });

  test('callers on loopback, for words that only read, unless that is switched off', () => {
    const open = { ...listed, fourLetterWordsOnLoopback: true };
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      expect(isAnswered(word('dump'), open, host)).toBe(true);
    expect(isAnswered(word('srst'), open, '127.0.0.1')).toBe(false);
    expect(isAnswered(word('dump'), open, '10.0.0.1')).toBe(false);
    expect(isAnswered(word('dump'), listed, '127.0.0.1')).toBe(false);
  });

  test('others are told why', () => {
    expect(refusal(word('dump'))).toBe('dump is not executed because it is not in the whitelist.\n');
  });
});

test('the version reads as 3.9.5 to programs that take its first three numbers', () => {
  expect(/([\d.]*).*/s.exec(version)?.[1]).toBe('3.9.5');
  expect(
    /^Zookeeper version: ([^.]+)\.([^.]+)\.([^-]+)/.exec(`Zookeeper version: ${version}`)?.slice(1),
  ).toEqual(['3', '9', '5']);
});
