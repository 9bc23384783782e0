import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ErrorCode } from './error.ts';
import { defaultQuorumRules, QuorumConfig, type QuorumRules } from './quorum-config.ts';
import { SERVERS_MAX } from './quorum-config-error.ts';
import { reconfigure, type Reconfiguration } from './reconfigure.ts';

const MEMBERS = `
server.1=h1:2888:3888;2181
server.2=h2:2888:3888;2181
server.3=h3:2888:3888;2181
version=100000000`;
const NEXT = 0x1_0000_0007;
const NO_STANDALONE: QuorumRules = { ...defaultQuorumRules, isStandaloneEnabled: false };

/**
 * One ensemble of Apache 3.9.5, asked one thing after another: who joins, who leaves, the new members (`-` is null), and its
 * answer: an error, or the configuration as the follower printed it that was asked. `CONFIG` is the node.
 */
const OBSERVED = readFileSync(new URL('../test/reconfigurations.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

it('an ensemble of Apache goes the same way, step by step', () => {
  let current = QuorumConfig.parse(linesOf(OBSERVED[0]!.slice('CONFIG '.length)));
  for (const step of OBSERVED.slice(1, -1)) {
    const [joining = '-', leaving = '-', members = '-', answer = ''] = step.split('\t');
    const wish = {
      joiningServers: nullable(joining),
      leavingServers: nullable(leaving),
      newMembers: nullable(members),
    };
    const version = Number.parseInt(answer.split('version=')[1] ?? '0', 16);
    const next = reconfigure(current, wish, version);
    if (next instanceof QuorumConfig) current = next;
    const got =
      next instanceof QuorumConfig
        ? `OK ${QuorumConfig.parse(next.toString()).toString()}`
        : `ERR ${next.code}`;
    expect(got, step).toBe(linesOf(answer));
  }
  expect(current.toString()).toBe(linesOf(OBSERVED.at(-1)!.slice('CONFIG '.length)));
});

describe('who joins and leaves', () => {
  it.each<[string, Partial<Reconfiguration>, string[]]>([
    [
      'a server joins',
      { joiningServers: 'server.4=h4:2888:3888:observer;2181' },
      ['1=h1:2888:3888:participant;0.0.0.0:2181', '2=', '3=', '4=h4:2888:3888:observer;0.0.0.0:2181'],
    ],
    ['a server leaves', { leavingServers: '3' }, ['1=', '2=']],
    ['one that is not there may leave', { leavingServers: '9' }, ['1=', '2=', '3=']],
    ['blanks and empty parts do not count', { leavingServers: ' 3 ,, ' }, ['1=', '2=']],
    [
      'a server that is there is replaced',
      { joiningServers: 'server.3=h3:2888:3888:observer;2182' },
      ['1=', '2=', '3=h3:2888:3888:observer;0.0.0.0:2182'],
    ],
    [
      'one may leave and come back',
      { leavingServers: '3', joiningServers: 'server.3=h9:1:2;3' },
      ['1=', '2=', '3=h9:1:2:participant;0.0.0.0:3'],
    ],
    [
      'the name before the point does not count',
      { joiningServers: 'x.y.4 = h4:1:2;3, 5=h5:1:2;3' },
      ['1=', '2=', '3=', '4=', '5='],
    ],
    ['neither joins nor leaves anybody', {}, ['1=', '2=', '3=']],
    [
      'machines of their own may have the same wildcard and loopback addresses',
      {
        joiningServers:
          'server.4=127.0.0.1:5:6;7,server.5=127.0.0.1:5:6;7,server.6=0.0.0.0:5:6;7,server.8=localhost:5:6;7',
      },
      ['1=', '2=', '3=', '4=', '5=', '6=', '8='],
    ],
    [
      'an address may pass to the one who replaces its owner',
      { leavingServers: '3', joiningServers: 'server.4=h3:2888:3888;2181' },
      ['1=', '2=', '4='],
    ],
    [
      'ids of one bucket stand as in a copied HashMap of Java',
      { joiningServers: 'server.9=h9:1:2;3' },
      ['1=', '9=', '2=', '3='],
    ],
  ])('%s', (_what, wish, lines) => {
    const next = reconfigured(wish);
    expect(next).toBeInstanceOf(QuorumConfig);
    const text = textOf(next).split('\n');
    expect(text.slice(0, -1).map((line, i) => line.slice(0, `server.${lines[i]!}`.length))).toEqual(
      lines.map((line) => `server.${line}`),
    );
    expect(text.at(-1)).toBe('version=100000007');
  });

  it.each<[string, Partial<Reconfiguration>]>([
    ['has one voter', { leavingServers: '2,3' }],
    ['has no server', { leavingServers: '1,2,3' }],
    [
      'has one voter, whatever its observers',
      { joiningServers: 'server.2=h2:1:2:observer;3,server.3=h3:1:2:observer;3' },
    ],
    ['is to have a server without a client port', { joiningServers: 'server.4=h4:2888:3888' }],
    ['is to have a server without ports', { joiningServers: 'server.4=h4;2181' }],
    ['is to have a server without a name', { joiningServers: 'h4:2888:3888;2181' }],
    ['is to have a server with two', { joiningServers: 'server.4=server.5=h4:2888:3888;2181' }],
    ['is to have a server of no role', { joiningServers: 'server.4=h4:1:2:leader;3' }],
    ['is to have a server of several addresses', { joiningServers: 'server.4=h4:1:2|h5:1:2;3' }],
    ['is to have a quorum address twice', { joiningServers: 'server.4=h3:2888:9;3' }],
    ['is to have an election address twice', { joiningServers: 'server.4=H3:9:3888;3' }],
    ['is to have a client address twice', { joiningServers: 'server.4=h4:1:2;5:3,server.5=h5:1:2;h4:1' }],
    [
      'is to have one address for two of those who join',
      { joiningServers: 'server.4=h4:1:2;3,server.5=h4:1:3;3' },
    ],
    [
      'is to have more servers than the bound',
      { joiningServers: Array.from({ length: SERVERS_MAX }, (_, i) => `server.${i + 4}=h:1:2;3`).join(',') },
    ],
  ])('BADARGUMENTS where it %s', (_what, wish) => {
    expect(reconfigured(wish)).toMatchObject({ code: ErrorCode.BADARGUMENTS });
  });

  it.each<[string, Partial<Reconfiguration>]>([
    ['leaves', { leavingServers: 'server.3' }],
    ['joins', { joiningServers: 'server.x=h4:1:2;3' }],
    ['joins with a port', { joiningServers: 'server.4=h4:70000:2;3' }],
  ])('MARSHALLINGERROR where who %s is no number', (_what, wish) => {
    expect(reconfigured(wish)).toMatchObject({ code: ErrorCode.MARSHALLINGERROR });
  });

  it('one voter is enough where no server may stand alone', () => {
    expect(reconfigured({ leavingServers: '2,3' }, MEMBERS, NO_STANDALONE)).toBeInstanceOf(QuorumConfig);
    expect(reconfigured({ leavingServers: '1,2,3' }, MEMBERS, NO_STANDALONE)).toMatchObject({
      code: ErrorCode.BADARGUMENTS,
    });
  });

  it('is refused with BADARGUMENTS where there are groups', () => {
    const grouped = `${MEMBERS}\ngroup.1=1:2:3`;
    expect(reconfigured({ leavingServers: '3' }, grouped)).toMatchObject({ code: ErrorCode.BADARGUMENTS });
  });

  it('BADARGUMENTS where nobody could read what comes of it', () => {
    const joiner = (id: number): string => `server.${id}=${String(id).repeat(20_000)}:1:2:observer;3`;
    const joiningServers = [10, 11, 12, 13].map(joiner).join(',');
    expect(reconfigured({ joiningServers })).toMatchObject({ code: ErrorCode.BADARGUMENTS });
  });

  it('leaves the configuration in force as it is', () => {
    const current = QuorumConfig.parse(MEMBERS);
    const before = current.toString();
    reconfigure(current, { newMembers: null, joiningServers: null, leavingServers: '3' }, NEXT);
    expect(current.toString()).toBe(before);
    expect(current.voters.size).toBe(3);
  });

  it('keeps the rules', () => {
    const rules = { ...defaultQuorumRules, oracle: () => true };
    expect(reconfigured({ leavingServers: '3' }, MEMBERS, rules)).toMatchObject({ rules });
    expect(reconfigured({ newMembers: MEMBERS }, MEMBERS, rules)).toMatchObject({ rules });
  });
});

describe('all new members', () => {
  it.each([
    'server.1=h1:1:2;3,server.2=h2:1:2;3',
    'server.1=h1:1:2;3\nserver.2=h2:1:2;3',
    'server.1=h1:1:2;3,server.2=h2:1:2;3,version=5',
  ])('may stand with commas or in lines; their version is the transaction: %j', (newMembers) => {
    const next = reconfigured({ newMembers, leavingServers: '1' });
    expect(textOf(next)).toBe(
      'server.1=h1:1:2:participant;0.0.0.0:3\nserver.2=h2:1:2:participant;0.0.0.0:3\nversion=100000007',
    );
  });

  it('may have groups and weights, replace them, and do without client ports', () => {
    const next = reconfigured({ newMembers: 'server.1=h1:1:2,server.2=h2:1:2,group.1=1:2,weight.1=3' });
    expect(textOf(next)).toMatch(/\ngroup\.1=1:2\nweight\.1=3\nweight\.2=1\nversion=100000007$/);
    const back = reconfigured({ newMembers: 'server.1=h1:1:2,server.2=h2:1:2' }, textOf(next));
    expect(textOf(back)).not.toContain('group');
  });

  it.each([
    ['are none', ''],
    ['are one', 'server.1=h1:1:2;3'],
    ['have a line of another kind', 'server.1=h1:1:2,server.2=h2:1:2,clientPort=1'],
    ['have an address that is none', 'server.1=h1:1,server.2=h2:1:2'],
    ['are not all in a group', 'server.1=h1:1:2,server.2=h2:1:2,group.1=1'],
  ])('are refused with BADARGUMENTS where they %s', (_what, newMembers) => {
    expect(reconfigured({ newMembers })).toMatchObject({ code: ErrorCode.BADARGUMENTS });
  });

  it.each([
    ['are observers', 'server.1=h1:1:2:observer,server.2=h2:1:2:observer'],
    ['have one voter with observers', 'server.1=h1:1:2,server.2=h2:1:2:observer'],
    ['have a name that is no number', 'server.x=h1:1:2,server.2=h2:1:2'],
    ['have a broken escape', String.raw`server.1=h1:1:2\u00,server.2=h2:1:2`],
  ])('are refused with MARSHALLINGERROR where they %s', (_what, newMembers) => {
    expect(reconfigured({ newMembers })).toMatchObject({ code: ErrorCode.MARSHALLINGERROR });
  });

  it('may be one where no server may stand alone', () => {
    expect(reconfigured({ newMembers: 'server.1=h1:1:2' }, MEMBERS, NO_STANDALONE)).toBeInstanceOf(
      QuorumConfig,
    );
    expect(reconfigured({ newMembers: '' }, MEMBERS, NO_STANDALONE)).toMatchObject({
      code: ErrorCode.MARSHALLINGERROR,
    });
  });
});

function reconfigured(
  wish: Partial<Reconfiguration>,
  members = MEMBERS,
  rules: QuorumRules = defaultQuorumRules,
): ReturnType<typeof reconfigure> {
  const whole = { newMembers: null, joiningServers: null, leavingServers: null, ...wish };
  return reconfigure(QuorumConfig.parse(members, rules), whole, NEXT);
}

function textOf(next: ReturnType<typeof reconfigure>): string {
  if (!(next instanceof QuorumConfig)) throw new Error(next.reason);
  return next.toString();
}

function linesOf(text: string): string {
  return text.replaceAll('|', '\n');
}

function nullable(text: string): string | null {
  return text === '-' ? null : text;
}
