import { bad, type Ensemble, figure, listed, namesOf, warn } from './ensemble.ts';
import type { Finding } from './finding.ts';

/** Whether servers have more to do than they can. */
export function* loadFindings(ensemble: Ensemble): Generator<Finding, undefined> {
  yield* figures(ensemble);
  yield* resources(ensemble);
  return undefined;
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

/** Watches on one path, on average. */
const HERD_MAX = 1000;
/** Fewer are uneven by chance. */
const CONNECTIONS_MIN = 100;
