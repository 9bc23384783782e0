import type { EnsembleConfigFacts, EnsembleFacts, ServerFacts } from './ensemble-facts.ts';
import { bad, Ensemble, figure, listed, modeOf, namesOf, warn } from './ensemble.ts';
import { loadFindings } from './ensemble-load.ts';
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
  if (leader !== undefined) yield* syncing(leader, Math.floor(voters.length / 2) + 1);
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

/** Java: LeaderZooKeeperServer.registerMetrics; learners are followers and observers. */
function* syncing(leader: ServerFacts, quorum: number): Iterable<Finding> {
  const followers = figure(leader, 'zk_synced_followers');
  const learners = figure(leader, 'zk_learners', 'zk_followers');
  if (followers === undefined || learners === undefined) return;
  const synced = followers + (figure(leader, 'zk_synced_observers') ?? 0);
  if (synced >= learners) return;
  const seen = `${synced} of ${learners} followers and observers are synced`;
  const why = 'those that are not serve nobody, and do not count for the quorum once the leader fails';
  const fix = 'wait; where it stays so: initLimit, syncLimit, and the network between them';
  const severity = followers + 1 < quorum ? bad : warn;
  yield severity('unsynced', leader.server, seen, why, fix);
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
  for (const { server: where, admin } of servers) {
    const pauseMs = admin?.eventLoopP99Ms ?? 0;
    if (pauseMs <= PAUSE_MAX_MS) continue;
    const seen = `one turn in a hundred was ${Math.round(pauseMs)} ms late`;
    const why = 'meanwhile it answers nobody, and looks dead to the others';
    yield warn('pauses', where, seen, why, 'processors of its own, no swap, smaller requests and listings');
  }
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

function versionOf({ srvr }: ServerFacts): string {
  return (srvr.get('Zookeeper version') ?? '').replace(/,.*/, '');
}

function zxidOf({ srvr }: ServerFacts): bigint | undefined {
  const text = srvr.get('Zxid') ?? '';
  return /^0x[\da-f]{1,16}$/.test(text) ? BigInt(text) : undefined;
}

/** Groups and weights have their own arithmetic. */
function isWeighted(configs: readonly EnsembleConfigFacts[]): boolean {
  return /^(group|weight)\./m.test(configs[0]?.text ?? '');
}

const RULES: readonly Rule[] = [
  presence,
  leadership,
  membership,
  agreement,
  progress,
  loadFindings,
  surroundings,
  access,
];

const LAG_MAX = 1000n;
const ZXID_COUNTER_MAX = 0xf000_0000n;
/** HTTP tells whole seconds, so less than this is nothing. */
const CLOCKS_APART_MAX_MS = 3000;
/** In milliseconds, of the event loop. */
const PAUSE_MAX_MS = 50;
