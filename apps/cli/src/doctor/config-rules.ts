import { isQuorumKey } from '@corral/protocol';
import { closest } from '../closest.ts';
import type { ConfigFile } from './config-file.ts';
import type { Finding } from './finding.ts';

/** What is wrong with what is written. Nothing is asked but the text. */
export function* configFindings(config: ConfigFile): Generator<Finding, undefined> {
  for (const rule of RULES) yield* rule(config);
  return undefined;
}

type Rule = (config: ConfigFile) => Iterable<Finding>;

function* required(config: ConfigFile): Iterable<Finding> {
  const why = 'without it the server does not start';
  if (config.value('dataDir') === undefined)
    yield bad(config, 'data-dir', 'dataDir', 'dataDir is not set', why, 'dataDir=/var/lib/zookeeper');
  if (config.value('clientPort') === undefined && config.value('secureClientPort') === undefined)
    yield bad(config, 'client-port', 'clientPort', 'clientPort is not set', why, 'clientPort=2181');
  if (config.members === undefined) return;
  for (const [key, ticks] of [
    ['initLimit', 10],
    ['syncLimit', 5],
  ] as const)
    if (!((config.number(key) ?? 0) > 0))
      yield bad(config, 'limits', key, `${key} is not set`, `${why}: it has members`, `${key}=${ticks}`);
}

function* numbers(config: ConfigFile): Iterable<Finding> {
  for (const key of NUMBERS) {
    const seen = `${key}=${config.value(key)}`;
    if (Number.isNaN(config.number(key)))
      yield bad(config, 'number', key, `${seen} is no number`, 'the server does not start', `${key}=...`);
  }
  const port = config.number('clientPort') ?? 0;
  if (port < 0 || port > 0xffff)
    yield bad(config, 'number', 'clientPort', `clientPort=${port}`, 'no port is that', 'clientPort=2181');
}

function* times(config: ConfigFile): Iterable<Finding> {
  const tick = config.number('tickTime') ?? 3000;
  const min = config.number('minSessionTimeout') ?? tick * 2;
  const max = config.number('maxSessionTimeout') ?? tick * 20;
  if (tick < 100 || tick > 60_000) {
    const why = 'heartbeats, the limits of members and the sessions of clients are counted in ticks';
    yield warn(config, 'tick-time', 'tickTime', `a tick is ${tick} ms`, why, 'tickTime=2000');
  }
  if (min > max) {
    const seen = `sessions last at least ${min} ms, and at most ${max} ms`;
    const fix = `maxSessionTimeout=${min * 10}`;
    yield bad(config, 'session-limits', 'maxSessionTimeout', seen, 'the server does not start', fix);
  }
}

function* purge(config: ConfigFile): Iterable<Finding> {
  if ((config.number('autopurge.purgeInterval') ?? 0) > 0) return;
  const why = 'snapshots and logs are kept for ever, until the disk is full and the server stops';
  const key = 'autopurge.purgeInterval';
  yield warn(config, 'autopurge-off', key, 'nothing purges old files', why, `${key}=24`);
}

function* durability(config: ConfigFile): Iterable<Finding> {
  if (config.value('forceSync') === 'no') {
    const why = 'writes are acknowledged before they are on the disk: a power cut loses them';
    yield bad(config, 'force-sync', 'forceSync', 'forceSync=no', why, 'forceSync=yes');
  }
  if (config.value('snapshot.trust.empty') === 'true') {
    const why =
      'a server whose snapshots are gone starts empty, where it should refuse to; it is for one upgrade';
    const fix = 'snapshot.trust.empty=false';
    yield warn(config, 'trust-empty', 'snapshot.trust.empty', 'snapshot.trust.empty=true', why, fix);
  }
}

function* access(config: ConfigFile): Iterable<Finding> {
  if (config.value('skipACL') === 'yes') {
    const why =
      'every client may read and change every node, and the ensemble itself where reconfigEnabled is on';
    yield bad(config, 'skip-acl', 'skipACL', 'skipACL=yes', why, 'skipACL=no');
  }
  const words = '4lw.commands.whitelist';
  if (config.value(words)?.includes('*') === true) {
    const why =
      'whoever reaches the port may make the server list all watches and sessions, as often as they like';
    yield warn(config, 'four-letter-words', words, `${words}=*`, why, `${words}=srvr,mntr,ruok`);
  }
  const isAdmin = config.value('admin.enableServer') !== 'false';
  const address = config.value('admin.serverAddress') ?? '0.0.0.0';
  if (isAdmin && (address === '0.0.0.0' || address === '::')) {
    const seen = `the admin port is open to every network${config.get('admin.serverAddress') ? '' : " (Apache's default)"}`;
    const why = 'it tells addresses, paths and settings to whoever asks';
    const fix = 'admin.serverAddress=127.0.0.1';
    yield warn(config, 'admin-open', 'admin.serverAddress', seen, why, fix);
  }
}

function* limits(config: ConfigFile): Iterable<Finding> {
  const buffer = config.number('jute.maxbuffer') ?? 0;
  if (buffer > 4 * 1024 * 1024) {
    const why = 'large nodes hold up everybody, and each client and member needs the same value to read them';
    yield warn(config, 'buffer', 'jute.maxbuffer', `jute.maxbuffer=${buffer}`, why, 'jute.maxbuffer=1048575');
  }
  if (config.number('maxClientCnxns') === 0) {
    const why = 'one client that leaks connections takes all the server has';
    yield warn(
      config,
      'client-limit',
      'maxClientCnxns',
      'maxClientCnxns=0: no limit',
      why,
      'maxClientCnxns=60',
    );
  }
  const every = config.number('snapCount') ?? 100_000;
  if (every < 1000) {
    const why = 'the whole tree is written again and again';
    yield warn(
      config,
      'snap-count',
      'snapCount',
      `a snapshot every ${every} writes`,
      why,
      'snapCount=100000',
    );
  }
}

function* members(config: ConfigFile): Iterable<Finding> {
  const { members: all, memberFile, memberProblem } = config;
  if (memberProblem !== undefined) {
    const { line, message } = memberProblem;
    const where = line === undefined ? memberFile : `${memberFile}:${line}`;
    const fix = 'server.1=host:2888:3888;2181';
    yield { severity: 'bad', rule: 'members', where, seen: message, why: 'the server does not start', fix };
  }
  if (all === undefined) return;
  const where = memberFile;
  const voters = all.voters.size;
  // Groups and weights have their own arithmetic.
  if (voters % 2 === 0 && all.hierarchy === undefined) {
    const survives = voters / 2 - 1;
    const seen = `${voters} voters`;
    const why = `they stand the loss of ${survives}, as ${voters - 1} would, and one more can fail`;
    const fix = `${voters + 1} voters, or ${voters - 1} and an observer: server.N=host:2888:3888:observer;2181`;
    yield { severity: 'warn', rule: 'even-voters', where, seen, why, fix };
  }
  yield* addresses(config);
}

function* addresses({ members: all, memberFile: where }: ConfigFile): Iterable<Finding> {
  const servers = [...all!.servers.values()].flatMap(({ id, type, addresses: own }) =>
    own.map(({ host, port, electionPort }) => ({ id, type, host, ports: [port, electionPort] })),
  );
  const taken = new Map<string, number>();
  for (const { id, host, ports } of servers)
    for (const port of ports) {
      const other = taken.get(`${host}:${port}`);
      taken.set(`${host}:${port}`, id);
      if (other === undefined) continue;
      const seen = `${host}:${port} is used by server.${other}${other === id ? ' twice' : ` and server.${id}`}`;
      const fix = `server.${id}=${host} with ports of its own`;
      yield { severity: 'bad', rule: 'same-address', where, seen, why: 'only one can listen there', fix };
    }
  const hosts = new Set(servers.map(({ host }) => host));
  for (const host of hosts) {
    const here = new Set(
      servers.filter((one) => one.host === host && one.type === 'participant').map(({ id }) => id),
    );
    const seen = `${host} has ${here.size} voters`;
    const why = 'they fail together';
    const fix = 'one voter on each host';
    if (here.size > 1) yield { severity: 'warn', rule: 'same-host', where, seen, why, fix };
    if (hosts.size > 1 && /^(localhost|127\.[\d.]+|::1)$/.test(host)) {
      const loop = {
        seen: `${host} is a member beside others`,
        fix: 'the name under which the others know it',
      };
      yield {
        severity: 'bad',
        rule: 'loopback-member',
        where,
        ...loop,
        why: 'every server finds only itself there',
      };
    }
  }
}

function* spelling(config: ConfigFile): Iterable<Finding> {
  const seen = new Map<string, number>();
  for (const { key, line } of config.properties) {
    const before = seen.get(key);
    seen.set(key, line);
    if (before !== undefined) {
      const said = `${key} is there twice, in line ${before} too`;
      yield warn(config, 'twice', key, said, 'only the later one counts', 'remove one of them');
    }
    if (isQuorumKey(key) || KNOWN.includes(key)) continue;
    const meant = closest(key, KNOWN);
    // What nobody knows may be a system property of a plugin's.
    if (meant === undefined || meant.length - key.length > 2) continue;
    const why = 'it has no effect: keys that are not known are taken without a word';
    yield warn(
      config,
      'spelling',
      key,
      `${key}; did you mean ${meant}?`,
      why,
      `${meant}=${config.value(key)}`,
    );
  }
}

function bad(config: ConfigFile, rule: string, key: string, seen: string, why: string, fix: string): Finding {
  return { severity: 'bad', rule, where: config.where(key), seen, why, fix };
}

function warn(
  config: ConfigFile,
  rule: string,
  key: string,
  seen: string,
  why: string,
  fix: string,
): Finding {
  return { severity: 'warn', rule, where: config.where(key), seen, why, fix };
}

const RULES: readonly Rule[] = [
  required,
  numbers,
  times,
  members,
  durability,
  access,
  purge,
  limits,
  spelling,
];

const NUMBERS = names(`
  clientPort secureClientPort tickTime initLimit syncLimit maxClientCnxns minSessionTimeout
  maxSessionTimeout autopurge.purgeInterval autopurge.snapRetainCount`);

/** Those that people write by hand. */
const KNOWN = [
  ...NUMBERS,
  ...names(`
    dataDir dataLogDir clientPortAddress secureClientPortAddress clientPortListenBacklog
    dynamicConfigFile standaloneEnabled reconfigEnabled electionAlg peerType syncEnabled
    4lw.commands.whitelist admin.enableServer admin.serverAddress admin.serverPort
    connectToLearnerMasterLimit forceSync preAllocSize snapCount skipACL globalOutstandingLimit
    jute.maxbuffer leaderServes quorumListenOnAllIPs sslQuorum localSessionsEnabled
    localSessionsUpgradingEnabled maxCnxns metricsProvider.className metricsProvider.httpPort
    extendedTypesEnabled enforceQuota audit.enable snapshot.trust.empty authProvider.1
    multiAddress.enabled cnxTimeout fsync.warningthresholdms`),
];

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
