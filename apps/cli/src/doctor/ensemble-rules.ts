import type { EnsembleConfigFacts, EnsembleFacts, ServerFacts } from './ensemble-facts.ts';
import type { Finding } from './finding.ts';

/** What is wrong with an ensemble, or with a server that stands alone, as it is just now. */
export function* ensembleFindings(facts: EnsembleFacts): Generator<Finding, undefined> {
  const ensemble = new Ensemble(facts);
  for (const rule of RULES) yield* rule(ensemble);
  return undefined;
}

type Rule = (ensemble: Ensemble) => Iterable<Finding>;

function* presence({ servers }: Ensemble): Iterable<Finding> {
  for (const { server: where, problem: seen, isReached, refused } of servers) {
    if (seen !== undefined && !isReached) {
      const fix = 'start it, or correct its address here';
      yield bad('down', where, seen, 'one more that is lost, and there may be no quorum', fix);
    } else if (seen !== undefined) {
      const why = 'it is there and has no leader, or is still reading its data';
      yield bad(
        'not-serving',
        where,
        seen,
        why,
        'its log says what it waits for; corral-server check CONFIG',
      );
    }
    if (refused.length > 0) {
      const why = 'what it does not tell cannot be looked at';
      const fix = `4lw.commands.whitelist=srvr,mntr,conf,wchs`;
      yield warn('not-told', where, `it refuses ${refused.toSorted().join(', ')}`, why, fix);
    }
  }
}

function* leadership({ servers, serving, voters, leaders }: Ensemble): Iterable<Finding> {
  const alone = serving.filter((server) => modeOf(server) === 'standalone');
  if (alone.length > 0 && servers.length > 1)
    for (const { server: where } of alone) {
      const why = 'it has data of its own: clients see other things, depending on whom they reach';
      const fix = 'server.N= lines for all members in its zoo.cfg, and myid';
      yield bad('standalone-member', where, 'it stands alone, beside others', why, fix);
    }
  if (alone.length > 0 && alone.length === serving.length) return;
  const all = namesOf(servers);
  if (leaders.length > 1) {
    const seen = leaders.map(({ server }) => server).join(' and ');
    const why = 'one of them has not noticed that it is none any more, or there are two ensembles';
    yield bad(
      'two-leaders',
      seen,
      `${leaders.length} servers lead`,
      why,
      'ask again; then compare their configurations',
    );
  }
  if (leaders.length === 0 && serving.length > 0 && voters.length <= servers.length) {
    const why = 'without a leader nothing is written';
    yield bad('no-leader', all, 'nobody leads', why, 'the logs of the members say whom they vote for');
  }
  // Where nobody could read the members, those that were asked are taken for all.
  const named = voters.length > 0 ? voters.length : servers.length;
  const up = serving.filter((server) => ['leader', 'follower'].includes(modeOf(server)!)).length;
  const quorum = Math.floor(named / 2) + 1;
  if (servers.length < named) return;
  if (up < quorum) {
    const why = `nothing is written without ${quorum}`;
    yield bad('no-quorum', all, `${up} of ${named} voters serve`, why, 'start the others');
  } else if (up === quorum && up < named) {
    const why = 'one more that fails, and nothing is written';
    yield warn('quorum-edge', all, `${up} of ${named} voters serve`, why, 'start the others');
  }
}

function* membership({ servers, serving, voters, configs }: Ensemble): Iterable<Finding> {
  const versions = new Set(configs.map(({ version }) => version));
  if (versions.size > 1) {
    const seen = listed(serving, ({ config }) => config?.version.toString(16));
    const why = 'a member has missed a reconfiguration: it counts other quorums than the others';
    yield bad(
      'config-version',
      namesOf(serving),
      seen,
      why,
      'restart those that are behind, once they reach the leader',
    );
  }
  if (voters.length > 0 && voters.length % 2 === 0 && !isWeighted(configs)) {
    const seen = `${voters.length} voters`;
    const why = `they stand the loss of ${voters.length / 2 - 1}, as ${voters.length - 1} would, and one more can fail`;
    const fix = `${voters.length + 1} voters, or ${voters.length - 1} and an observer`;
    yield warn('even-voters', namesOf(servers), seen, why, fix);
  }
  const members = configs[0]?.servers.length ?? 0;
  if (members > servers.length) {
    const seen = `${members} members, and ${servers.length} were asked`;
    const why = 'nothing is known of the others, and clients with this list do not find them';
    yield warn('not-asked', namesOf(servers), seen, why, 'name all of them');
  }
}

function* agreement({ serving }: Ensemble): Iterable<Finding> {
  const versions = new Set(serving.map(versionOf).filter((version) => version !== ''));
  if (versions.size > 1) {
    const why = 'right while an upgrade goes on, and only then';
    yield warn('versions', namesOf(serving), listed(serving, versionOf), why, 'finish the upgrade');
  }
  for (const key of ['tickTime', 'initLimit', 'syncLimit', 'minSessionTimeout', 'maxSessionTimeout']) {
    const values = new Set(serving.map(({ conf }) => conf.get(key)).filter((value) => value !== undefined));
    if (values.size < 2) continue;
    const seen = listed(serving, ({ conf }) => conf.get(key));
    const why = 'sessions and limits are other ones, depending on who leads';
    yield warn('config-differs', namesOf(serving), `${key}: ${seen}`, why, `${key}=... the same everywhere`);
  }
}

function* progress({ serving, leaders, voters }: Ensemble): Iterable<Finding> {
  const [leader] = leaders;
  const top = leader === undefined ? undefined : zxidOf(leader);
  if (top !== undefined)
    for (const server of serving) {
      const zxid = zxidOf(server);
      if (server === leader || zxid === undefined) continue;
      const isOtherEpoch = zxid >> 32n !== top >> 32n;
      // A follower stays in the epoch of its last transaction until there is another.
      const behind = isOtherEpoch ? top & 0xffff_ffffn : top - zxid;
      if (behind <= LAG_MAX) continue;
      const seen = isOtherEpoch
        ? `its epoch is ${zxid >> 32n}, the leader's ${top >> 32n}`
        : `${behind} transactions behind`;
      const why = 'its clients read what is old; where it grows, it cannot keep up';
      yield warn('lag', server.server, seen, why, 'look at its disk, its network and its load');
    }
  const synced = leader === undefined ? undefined : figure(leader, 'zk_synced_followers');
  const learners = leader === undefined ? undefined : figure(leader, 'zk_followers', 'zk_learners');
  const quorum = Math.floor(voters.length / 2) + 1;
  if (leader !== undefined && synced !== undefined && learners !== undefined && synced < learners) {
    const seen = `${synced} of ${learners} followers are synced`;
    const why = 'those that are not do not count for the quorum once the leader fails';
    const severity = synced + 1 < quorum ? bad : warn;
    yield severity(
      'unsynced',
      leader.server,
      seen,
      why,
      'wait; where it stays so: initLimit, syncLimit, and the network between them',
    );
  }
  for (const server of serving) {
    const mismatches = figure(server, 'zk_digest_mismatches_count') ?? 0;
    if (mismatches > 0) {
      const why = 'its tree is not what the others have';
      const fix = 'stop it, move its version-2 away, and let it be brought up to date';
      yield bad('digest', server.server, `${mismatches} digests did not match`, why, fix);
    }
    const zxid = zxidOf(server) ?? 0n;
    if ((zxid & 0xffff_ffffn) > ZXID_COUNTER_MAX && server === (leader ?? server)) {
      const seen = `the last transaction is 0x${zxid.toString(16)}`;
      const why = `${0xffff_ffffn - (zxid & 0xffff_ffffn)} writes later the leader stands down, and another is elected`;
      yield warn('zxid-horizon', server.server, seen, why, 'restart the leader at a quiet hour');
    }
  }
}

/** More than the first is a warning, more than the second is bad. */
interface Limit {
  readonly rule: string;
  readonly figures: readonly string[];
  readonly warn: number;
  readonly bad: number;
  readonly unit: string;
  readonly why: string;
  readonly fix: string;
}

const LIMITS: readonly Limit[] = [
  {
    rule: 'outstanding',
    figures: ['zk_outstanding_requests'],
    warn: 10,
    bad: 1000,
    unit: 'requests wait',
    why: 'more is asked than is done: latency grows',
    fix: 'ask again; where it stays so, look for who asks so much (corral top) and at the disk of the log',
  },
  {
    rule: 'latency',
    figures: ['zk_avg_latency'],
    warn: 50,
    bad: 100,
    unit: 'ms of latency on average',
    why: 'every client waits so long, and sessions may expire',
    fix: 'a disk of its own for the log, no swap, no other work on the machine; corral 4lw srst counts anew',
  },
  {
    rule: 'fsync-p99',
    figures: ['zk_p99_fsynctime'],
    warn: 20,
    bad: 1000,
    unit: 'ms for one fsync of the log in a hundred',
    why: 'every write waits for the log of a quorum',
    fix: 'dataLogDir on a disk of its own, with a cache that survives a power cut',
  },
  {
    rule: 'fsync',
    figures: ['zk_avg_fsynctime'],
    warn: 20,
    bad: 100,
    unit: 'ms for a fsync of the log on average',
    why: 'every write waits for the log of a quorum',
    fix: 'dataLogDir on a disk of its own, with a cache that survives a power cut',
  },
  {
    rule: 'many-nodes',
    figures: ['zk_znode_count'],
    warn: 1_000_000,
    bad: Number.POSITIVE_INFINITY,
    unit: 'nodes',
    why: 'all of them are in the memory of each server, and in each snapshot',
    fix: 'keep data elsewhere, and pointers to them here (corral du)',
  },
  {
    rule: 'many-watches',
    figures: ['zk_watch_count'],
    warn: 50_000,
    bad: Number.POSITIVE_INFINITY,
    unit: 'watches',
    why: 'each is memory, and each change may tell many clients at once',
    fix: 'one recursive watch in place of many; corral 4lw wchs',
  },
  {
    rule: 'slow-fsyncs',
    figures: ['zk_fsync_threshold_exceed_count'],
    warn: 0,
    bad: Number.POSITIVE_INFINITY,
    unit: 'times fsync took longer than its warning threshold',
    why: 'meanwhile nothing was written, and sessions may have expired',
    fix: 'dataLogDir on a disk of its own, with a cache that survives a power cut',
  },
];

function* figures({ serving }: Ensemble): Iterable<Finding> {
  for (const { rule, figures: names, warn: warnAbove, bad: badAbove, unit, why, fix } of LIMITS)
    for (const server of serving) {
      const value = figure(server, ...names) ?? 0;
      if (value <= warnAbove) continue;
      const severity = value > badAbove ? bad : warn;
      yield severity(rule, server.server, `${value} ${unit}`, why, fix);
    }
}

function* resources({ serving }: Ensemble): Iterable<Finding> {
  for (const server of serving) {
    const open = figure(server, 'zk_open_file_descriptor_count') ?? 0;
    const most = figure(server, 'zk_max_file_descriptor_count') ?? 0;
    if (most > 0 && open > most * 0.8) {
      const why = 'with all in use it takes no connection, and cannot write a snapshot';
      yield bad(
        'descriptors',
        server.server,
        `${open} of ${most} file descriptors are open`,
        why,
        'LimitNOFILE=65536 in its unit, or ulimit -n',
      );
    }
    const hours = (figure(server, 'zk_uptime') ?? 0) / 3_600_000;
    const elections = figure(server, 'zk_cnt_election_time') ?? 0;
    if (hours > 0 && elections > 1 && elections / Math.max(hours, 1) > 1) {
      const seen = `${elections} elections in ${hours.toFixed(1)} hours`;
      const severity = elections / Math.max(hours, 1) > 12 ? bad : warn;
      const why = 'during each nothing is written';
      yield severity(
        'elections',
        server.server,
        seen,
        why,
        'look at the network between the members, their disks, syncLimit and pauses',
      );
    }
    const [, paths = '', watches = ''] = /watching (\d+) paths\s+Total watches:(\d+)/.exec(server.wchs) ?? [];
    if (Number(watches) > HERD_MAX * Math.max(1, Number(paths)) && Number(watches) > HERD_MAX) {
      const seen = `${watches} watches on ${paths} paths`;
      const why = 'a change of one of them tells all clients at once, and all of them ask at once';
      yield warn(
        'herd',
        server.server,
        seen,
        why,
        'locks in which each waits for the one before; corral 4lw wchp',
      );
    }
  }
  const counts = serving.map((server) => figure(server, 'zk_num_alive_connections') ?? Number.NaN);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (serving.length > 1 && most > CONNECTIONS_MIN && most > 2 * least) {
    const seen = listed(serving, (server) => server.mntr.get('zk_num_alive_connections'));
    const why = 'one server does the work of several';
    yield warn(
      'uneven-connections',
      namesOf(serving),
      seen,
      why,
      'clients with the whole list of servers; restart clients in turn',
    );
  }
}

function* surroundings({ servers }: Ensemble): Iterable<Finding> {
  for (const { server: where, admin } of servers)
    if (admin?.readiness?.isReady === false)
      yield bad(
        'not-ready',
        where,
        admin.readiness.text,
        'its own check says that it cannot serve',
        'do as it says',
      );
  const told = servers.filter(({ admin }) => admin?.clockAheadMs !== undefined);
  const clocks = told.map(({ admin }) => admin!.clockAheadMs!);
  const apart = Math.max(...clocks) - Math.min(...clocks);
  if (told.length > 1 && apart > CLOCKS_APART_MAX_MS) {
    const seen = listed(told, ({ admin }) => `${Math.round(admin!.clockAheadMs! / 1000)} s`);
    const why =
      'times of nodes jump when another leads, and certificates and times to live are judged by them';
    yield warn(
      'clocks',
      namesOf(told),
      `against the clock here: ${seen}`,
      why,
      'ntp or chrony on every machine',
    );
  }
}

function* access({ isRootOpen, servers }: Ensemble): Iterable<Finding> {
  if (isRootOpen !== true) return;
  const why = 'every client may delete what others have put below, and change who may';
  const fix = 'setAcl / world:anyone:r,auth::cdrwa, as the user who shall own it';
  yield warn('open-root', namesOf(servers), '/ is world:anyone:cdrwa', why, fix);
}

class Ensemble {
  readonly servers: readonly ServerFacts[];
  /** Those that say what they are. */
  readonly serving: readonly ServerFacts[];
  readonly leaders: readonly ServerFacts[];
  readonly configs: readonly EnsembleConfigFacts[];
  /** Of the newest configuration that is known. */
  readonly voters: readonly string[];
  readonly isRootOpen: boolean | undefined;

  constructor({ servers, isRootOpen }: EnsembleFacts) {
    this.servers = servers;
    this.serving = servers.filter((server) => modeOf(server) !== undefined);
    this.leaders = servers.filter((server) => modeOf(server) === 'leader');
    this.configs = servers
      .flatMap(({ config }) => config ?? [])
      .filter((config) => config.servers.length > 0)
      .toSorted((a, b) => Number(b.version - a.version));
    this.voters = (this.configs[0]?.servers ?? []).filter((line) => !line.includes(':observer'));
    this.isRootOpen = isRootOpen;
  }
}

function modeOf({ srvr }: ServerFacts): string | undefined {
  return srvr.get('Mode');
}

function versionOf({ srvr }: ServerFacts): string {
  return (srvr.get('Zookeeper version') ?? '').replace(/,.*/, '');
}

function zxidOf({ srvr }: ServerFacts): bigint | undefined {
  const text = srvr.get('Zxid') ?? '';
  return /^0x[\da-f]{1,16}$/.test(text) ? BigInt(text) : undefined;
}

/** The first of these names that it tells. */
function figure({ mntr }: ServerFacts, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = Number(mntr.get(name) ?? Number.NaN);
    if (!Number.isNaN(value)) return value;
  }
  return undefined;
}

/** Groups and weights have their own arithmetic. */
function isWeighted(configs: readonly EnsembleConfigFacts[]): boolean {
  return /^(group|weight)\./m.test(configs[0]?.text ?? '');
}

function namesOf(servers: readonly ServerFacts[]): string {
  return servers.map(({ server }) => server).join(',');
}

function listed(
  servers: readonly ServerFacts[],
  valueOf: (server: ServerFacts) => string | undefined,
): string {
  return servers.map((server) => `${server.server} ${valueOf(server) ?? '-'}`).join(', ');
}

function bad(rule: string, where: string, seen: string, why: string, fix: string): Finding {
  return { severity: 'bad', rule, where, seen, why, fix };
}

function warn(rule: string, where: string, seen: string, why: string, fix: string): Finding {
  return { severity: 'warn', rule, where, seen, why, fix };
}

const RULES: readonly Rule[] = [
  presence,
  leadership,
  membership,
  agreement,
  progress,
  figures,
  resources,
  surroundings,
  access,
];

const LAG_MAX = 1000n;
const ZXID_COUNTER_MAX = 0xf000_0000n;
/** Watches on one path, on average. */
const HERD_MAX = 1000;
/** Fewer are uneven by chance. */
const CONNECTIONS_MIN = 100;
/** HTTP tells whole seconds, so less than this is nothing. */
const CLOCKS_APART_MAX_MS = 3000;
