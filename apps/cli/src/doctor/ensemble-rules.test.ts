import { describe, expect, it } from 'vitest';
import type { EnsembleFacts, ServerFacts } from './ensemble-facts.ts';
import { ensembleFindings } from './ensemble-rules.ts';
import type { Finding } from './finding.ts';

const ADMIN = { readiness: undefined, eventLoopP99Ms: undefined, clockAheadMs: undefined };

describe('doctor, of what servers say of themselves', () => {
  it('finds nothing in an ensemble where nothing is wrong, nor in a server that stands alone', () => {
    expect([...ensembleFindings(healthy())]).toEqual([]);
    expect([...ensembleFindings({ servers: [server(1, 'standalone', {})], isRootOpen: false })]).toEqual([]);
  });

  it.each<[string, Changes, Partial<Finding>]>([
    [
      'a server that is not reached',
      { 3: { problem: 'connect ECONNREFUSED', isReached: false, srvr: {} } },
      { severity: 'bad', rule: 'down', where: 'zk3:2181', seen: 'connect ECONNREFUSED' },
    ],
    [
      'a server that is there and does not serve',
      { 3: { problem: 'This ZooKeeper instance is not currently serving requests', srvr: {} } },
      { severity: 'bad', rule: 'not-serving', where: 'zk3:2181' },
    ],
    [
      'a word that is not in the whitelist',
      { 2: { refused: ['wchs', 'conf'] } },
      { severity: 'warn', rule: 'not-told', where: 'zk2:2181', seen: 'it refuses conf, wchs' },
    ],
    [
      'a member that stands alone',
      { 3: { srvr: { Mode: 'standalone' } } },
      { severity: 'bad', rule: 'standalone-member', where: 'zk3:2181' },
    ],
    ['two leaders', { 2: { srvr: { Mode: 'leader' } } }, { severity: 'bad', rule: 'two-leaders' }],
    ['no leader', { 1: { srvr: { Mode: 'follower' } } }, { severity: 'bad', rule: 'no-leader' }],
    [
      'one voter less than all, which is the quorum',
      { 3: { problem: 'gone', isReached: false, srvr: {} } },
      { severity: 'warn', rule: 'quorum-edge', seen: '2 of 3 voters serve' },
    ],
    [
      'too few voters',
      {
        2: { problem: 'gone', isReached: false, srvr: {} },
        3: { problem: 'gone', isReached: false, srvr: {} },
      },
      { severity: 'bad', rule: 'no-quorum', seen: '1 of 3 voters serve' },
    ],
    [
      'a member that has missed a reconfiguration',
      { 2: { config: { version: 0x1_0000_0000n, servers: members(3), text: '' } } },
      {
        severity: 'bad',
        rule: 'config-version',
        seen: expect.stringContaining('zk2:2181 100000000') as string,
      },
    ],
    [
      'an even number of voters',
      { all: { config: { version: 5n, servers: members(4), text: '' } } },
      { severity: 'warn', rule: 'even-voters', seen: '4 voters' },
    ],
    [
      'a member that nobody asked',
      { all: { config: { version: 5n, servers: members(5), text: '' } } },
      { severity: 'warn', rule: 'not-asked', seen: '5 members, and 3 were asked' },
    ],
    [
      'versions that differ',
      { 3: { srvr: { 'Zookeeper version': '3.8.4-x, built on y' } } },
      { severity: 'warn', rule: 'versions', seen: expect.stringContaining('zk3:2181 3.8.4-x') as string },
    ],
    [
      'times that differ',
      { 3: { conf: { tickTime: '3000' } } },
      {
        severity: 'warn',
        rule: 'config-differs',
        seen: 'tickTime: zk1:2181 2000, zk2:2181 2000, zk3:2181 3000',
      },
    ],
    [
      'a follower that is behind',
      { 3: { srvr: { Zxid: '0x300000100' } } },
      { severity: 'warn', rule: 'lag', where: 'zk3:2181', seen: '3840 transactions behind' },
    ],
    [
      'a follower in another epoch',
      { 3: { srvr: { Zxid: '0x200000100' } } },
      { severity: 'warn', rule: 'lag', seen: "its epoch is 2, the leader's 3" },
    ],
    [
      'a follower that is not synced',
      { 1: { mntr: { zk_synced_followers: '1' } } },
      {
        severity: 'warn',
        rule: 'unsynced',
        where: 'zk1:2181',
        seen: '1 of 2 followers and observers are synced',
      },
    ],
    [
      'no follower that is synced',
      { 1: { mntr: { zk_synced_followers: '0' } } },
      { severity: 'bad', rule: 'unsynced' },
    ],
    [
      'a tree that is another',
      { 2: { mntr: { zk_digest_mismatches_count: '1' } } },
      { severity: 'bad', rule: 'digest', where: 'zk2:2181' },
    ],
    [
      'an epoch that is nearly used up',
      { all: { srvr: { Zxid: '0x3f0000001' } } },
      { severity: 'warn', rule: 'zxid-horizon', where: 'zk1:2181' },
    ],
    [
      'requests that wait',
      { 2: { mntr: { zk_outstanding_requests: '11' } } },
      { severity: 'warn', rule: 'outstanding', seen: '11 requests wait' },
    ],
    [
      'latency',
      { 2: { mntr: { zk_avg_latency: '50.5' } } },
      { severity: 'warn', rule: 'latency', where: 'zk2:2181' },
    ],
    ['much latency', { 2: { mntr: { zk_avg_latency: '101' } } }, { severity: 'bad', rule: 'latency' }],
    ['slow fsyncs', { 2: { mntr: { zk_p99_fsynctime: '21' } } }, { severity: 'warn', rule: 'fsync-p99' }],
    ['very slow fsyncs', { 2: { mntr: { zk_avg_fsynctime: '101' } } }, { severity: 'bad', rule: 'fsync' }],
    [
      'fsyncs above the threshold',
      { 2: { mntr: { zk_fsync_threshold_exceed_count: '1' } } },
      { severity: 'warn', rule: 'slow-fsyncs' },
    ],
    ['many nodes', { 2: { mntr: { zk_znode_count: '1000001' } } }, { severity: 'warn', rule: 'many-nodes' }],
    [
      'many watches',
      { 2: { mntr: { zk_watch_count: '50001' } } },
      { severity: 'warn', rule: 'many-watches' },
    ],
    [
      'file descriptors that run out',
      { 2: { mntr: { zk_open_file_descriptor_count: '81', zk_max_file_descriptor_count: '100' } } },
      { severity: 'bad', rule: 'descriptors', seen: '81 of 100 file descriptors are open' },
    ],
    [
      'elections',
      { 2: { mntr: { zk_uptime: '7200000', zk_cnt_election_time: '3' } } },
      { severity: 'warn', rule: 'elections', seen: '3 elections in 2.0 hours' },
    ],
    [
      'many elections',
      { 2: { mntr: { zk_uptime: '60000', zk_cnt_election_time: '13' } } },
      { severity: 'bad', rule: 'elections' },
    ],
    [
      'a herd',
      { 2: { wchs: '1500 connections watching 1 paths\nTotal watches:1500\n' } },
      { severity: 'warn', rule: 'herd', seen: '1500 watches on 1 paths' },
    ],
    [
      'connections on one server',
      { 2: { mntr: { zk_num_alive_connections: '500' } } },
      { severity: 'warn', rule: 'uneven-connections' },
    ],
    [
      'a server that says that it is not ready',
      { 2: { admin: { ...ADMIN, readiness: { isReady: false, text: 'disk: not writable' } } } },
      { severity: 'bad', rule: 'not-ready', where: 'zk2:2181', seen: 'disk: not writable' },
    ],
    [
      'an event loop that is held up',
      { 2: { admin: { ...ADMIN, eventLoopP99Ms: 51 } } },
      { severity: 'warn', rule: 'pauses', seen: 'one turn in a hundred was 51 ms late' },
    ],
    [
      'clocks that are apart',
      {
        1: { admin: { ...ADMIN, clockAheadMs: 200 } },
        2: { admin: { ...ADMIN, clockAheadMs: -9000 } },
      },
      { severity: 'warn', rule: 'clocks', seen: 'against the clock here: zk1:2181 0 s, zk2:2181 -9 s' },
    ],
  ])('%s', (_, changes, expected) => {
    const found = [...ensembleFindings(healthy(changes))];

    expect(found).toContainEqual(expect.objectContaining(expected));
    for (const finding of found) expect(finding).toMatchObject({ why: /./, fix: /./ });
  });

  it('takes no follower for late that waits for the first transaction of a new epoch', () => {
    const facts = healthy({ 1: { srvr: { Zxid: '0x400000000' } } });

    expect(rulesOf(facts)).toEqual([]);
  });

  it('a root that anybody may change', () => {
    expect([...ensembleFindings({ ...healthy(), isRootOpen: true })]).toEqual([
      expect.objectContaining({ severity: 'warn', rule: 'open-root' }),
    ]);
  });

  it('does not count observers as voters, and leaves weights alone', () => {
    const observed = [...members(3), 'server.4=d:2888:3888:observer;2181'];
    const config = { version: 5n, servers: observed, text: '' };
    const facts = healthy({ all: { config } });
    const weighted = { version: 5n, servers: members(4), text: 'group.1=1:2:3:4\nweight.1=1' };

    expect(rulesOf({ ...facts, servers: [...facts.servers, server(4, 'observer', { config })] })).toEqual([]);
    expect(rulesOf(healthy({ all: { config: weighted } }))).not.toContain('even-voters');
  });

  function rulesOf(facts: EnsembleFacts): readonly string[] {
    return [...ensembleFindings(facts)].map(({ rule }) => rule);
  }
});

type Change = Partial<Omit<ServerFacts, 'srvr' | 'mntr' | 'conf'>> & {
  readonly srvr?: Record<string, string>;
  readonly mntr?: Record<string, string>;
  readonly conf?: Record<string, string>;
};

type Changes = Partial<Record<1 | 2 | 3 | 'all', Change>>;

/** Three members, of which the first leads. */
function healthy(changes: Changes = {}): EnsembleFacts {
  const of = (id: 1 | 2 | 3): Change => ({ ...changes.all, ...changes[id] });
  return {
    servers: [server(1, 'leader', of(1)), server(2, 'follower', of(2)), server(3, 'follower', of(3))],
    isRootOpen: false,
  };
}

function server(id: number, mode: string, { srvr, mntr, conf, ...change }: Change): ServerFacts {
  const says = change.problem === undefined;
  return {
    server: `zk${id}:2181`,
    problem: undefined,
    isReached: true,
    answerMs: 1,
    srvr: new Map(
      Object.entries(
        says
          ? { Mode: mode, Zxid: '0x300001000', 'Zookeeper version': '3.9.5-abc, built on x', ...srvr }
          : {},
      ),
    ),
    mntr: new Map(Object.entries({ ...FIGURES, ...(mode === 'leader' ? LEADER_FIGURES : {}), ...mntr })),
    conf: new Map(Object.entries({ tickTime: '2000', initLimit: '10', syncLimit: '5', ...conf })),
    wchs: '0 connections watching 0 paths\nTotal watches:0\n',
    refused: [],
    config: mode === 'standalone' ? undefined : { version: 0x3_0000_0000n, servers: members(3), text: '' },
    admin: undefined,
    ...change,
  };
}

const FIGURES = {
  zk_avg_latency: '1.5',
  zk_outstanding_requests: '0',
  zk_num_alive_connections: '60',
  zk_znode_count: '1000',
  zk_watch_count: '10',
  zk_uptime: '3600000000',
  zk_cnt_election_time: '2',
  zk_open_file_descriptor_count: '100',
  zk_max_file_descriptor_count: '65536',
  zk_p99_fsynctime: '3',
  zk_avg_fsynctime: '0.5',
};
const LEADER_FIGURES = { zk_synced_followers: '2', zk_learners: '2' };

function members(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `server.${i + 1}=zk${i + 1}:2888:3888:participant;2181`);
}
