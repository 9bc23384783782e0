import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../test/records.ts';
import { defaultQuorumRules, QuorumConfig, type QuorumRules } from './quorum-config.ts';
import { SERVERS_MAX } from './quorum-config-error.ts';

/**
 * Texts, and what Apache 3.9.5 makes of each: the text it prints, or the kind of exception (ConfigException is FORMAT,
 * all others are VALUE). `#multi` and `#nostandalone` stand for settings.
 */
const OBSERVED = readFileSync(new URL('../test/quorum-configs.txt', import.meta.url), 'utf8')
  .replace(/\n$/, '')
  .split('\n----\n')
  .map((block) => block.split('\n=>\n') as [string, string]);
const PRINTED = OBSERVED.filter(([, printed]) => printed.includes('version='));
const REFUSED = OBSERVED.filter(([, printed]) => !printed.includes('version='));

const THREE = 'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2';

describe('a configuration', () => {
  it.each(PRINTED)('is printed as Apache prints it: %j', (text, expected) => {
    expect(QuorumConfig.parse(text, rulesOf(text)).toString()).toBe(expected);
  });

  it.each(PRINTED)('says the same as before it was printed: %j', (text, printed) => {
    const read = QuorumConfig.parse(printed, rulesOf(text));
    expect(read.withVersion(-1).equals(QuorumConfig.parse(text, rulesOf(text)))).toBe(true);
  });

  it.each(REFUSED)('is refused as Apache refuses it: %j', (text, code) => {
    const failure = failureOf(() => QuorumConfig.parse(text, rulesOf(text)));
    expect(failure).toMatchObject({ name: 'QuorumConfigError', code });
  });

  it('names its voters, observers and version', () => {
    const config = QuorumConfig.parse(`${THREE}\nserver.4=d:1:2:observer\nversion=1000000ff`);
    expect(config.voters).toEqual(new Set([1, 2, 3]));
    expect(config.observers).toEqual(new Set([4]));
    expect(config.version).toBe(0x1_0000_00ff);
    expect(config.servers.get(4)).toMatchObject({ id: 4, type: 'observer', client: undefined });
  });

  it('of another version is another one', () => {
    const config = QuorumConfig.parse(`${THREE}\nversion=5`);
    expect(config.withVersion(0x1_0000_0001).toString()).toMatch(/^server\.1=[^]*\nversion=100000001$/);
    expect(config.version).toBe(5);
  });

  it.each([
    ['a version below zero, which Apache takes', `${THREE}\nversion=-1`, 4],
    ['a version that no number holds', `${THREE}\nversion=7fffffffffffffff`, 4],
    ['a server id below zero, which only nameless observers have', `server.-1=a:1:2\n${THREE}`, 1],
    ['a server id that no number holds', `${THREE}\nserver.9223372036854775807=a:1:2`, 4],
    ['a server in no group', `${THREE}\ngroup.1=1:2`, 3],
    ['a group with a stranger in it', `${THREE}\n\ngroup.1=1:2:3:4`, 5],
    ['a server in two groups', `${THREE}\ngroup.1=1:2:3:2`, 4],
    ['a key of another kind', `${THREE}\nclientPort=2181`, 4],
    ['an address that is none', `${THREE}\n# one more\nserver.4=a:b:c`, 5],
  ])('with %s is refused with the line', (_what, text, line) => {
    expect(failureOf(() => QuorumConfig.parse(text))).toMatchObject({ name: 'QuorumConfigError', line });
  });

  it('with more servers than the bound is refused', () => {
    const servers = Array.from({ length: SERVERS_MAX + 1 }, (_, i) => `server.${i}=a:1:2`);
    expect(QuorumConfig.parse(servers.slice(1).join('\n')).voters.size).toBe(SERVERS_MAX);
    expect(failureOf(() => QuorumConfig.parse(servers.join('\n')))).toMatchObject({ code: 'FORMAT' });
    const many = `${servers.slice(1).join('\n')}\ngroup.1=${'1:'.repeat(40_000)}`;
    expect(failureOf(() => QuorumConfig.parse(many))).toMatchObject({ code: 'FORMAT' });
    const group = `${THREE}\ngroup.1=${Array.from({ length: SERVERS_MAX + 1 }, (_, i) => i).join(':')}`;
    expect(failureOf(() => QuorumConfig.parse(group))).toMatchObject({ code: 'FORMAT', line: 4 });
    const weights = Array.from({ length: SERVERS_MAX + 1 }, (_, i) => `weight.${i}=1`);
    expect(failureOf(() => QuorumConfig.parse(`${THREE}\n${weights.join('\n')}`))).toMatchObject({
      code: 'FORMAT',
    });
  });

  it('longer than the bound is refused before it is read', () => {
    const comment = `#${'x'.repeat(128 * 1024)}\n`;
    expect(failureOf(() => QuorumConfig.parse(comment + THREE))).toMatchObject({ code: 'FORMAT' });
  });

  it('with a very long address is refused with a short message', () => {
    const failure = failureOf(() => QuorumConfig.parse(`server.1=${'x'.repeat(100_000)}`)) as Error;
    expect(failure.message.length).toBeLessThan(1000);
  });
});

describe('two configurations', () => {
  const config = QuorumConfig.parse(`${THREE}\nversion=1`);

  it.each<[string, boolean, string]>([
    ['that say the same in another order', true, 'server.3=c:1:2\nserver.1=a:1:2\nserver.2=b:1:2\nversion=2'],
    ['of one version, whatever they say', true, 'server.1=x:1:2\nserver.2=b:1:2\nversion=1'],
    ['with another address', false, 'server.1=a:1:9\nserver.2=b:1:2\nserver.3=c:1:2\nversion=2'],
    ['with another role', false, 'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2:observer\nversion=2'],
    ['with another client port', false, `server.1=a:1:2;2181\nserver.2=b:1:2\nserver.3=c:1:2\nversion=2`],
    ['with one server more', false, `${THREE}\nserver.4=d:1:2\nversion=2`],
    ['with other ids', false, 'server.1=a:1:2\nserver.2=b:1:2\nserver.4=c:1:2\nversion=2'],
    ['of another kind', false, `${THREE}\ngroup.1=1:2:3\nversion=1`],
  ])('%s: equal is %s', (_what, isEqual, text) => {
    expect(QuorumConfig.parse(text).equals(config)).toBe(isEqual);
    expect(config.equals(QuorumConfig.parse(text))).toBe(isEqual);
  });

  it.each<[boolean, string]>([
    [true, 'group.1=2:1\ngroup.2=3\nweight.3=1\nversion=2'],
    [false, 'group.1=1\ngroup.2=2:3\nversion=2'],
    [false, 'group.1=1:2\ngroup.2=3\nweight.3=2\nversion=2'],
  ])('with groups are equal (%s) by groups and weights', (isEqual, text) => {
    const grouped = QuorumConfig.parse(`${THREE}\ngroup.1=1:2\ngroup.2=3\nversion=1`);
    expect(grouped.equals(QuorumConfig.parse(`${THREE}\n${text}`))).toBe(isEqual);
  });
});

describe('enough are', () => {
  const FIVE = `${THREE}\nserver.4=d:1:2\nserver.5=e:1:2\nserver.6=f:1:2:observer\nserver.7=g:1:2:observer`;
  const FOUR = `${THREE}\nserver.4=d:1:2`;
  const GROUPS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => `server.${id}=h:1:2`).join('\n');
  const THREE_GROUPS = `${GROUPS}\ngroup.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9`;

  it.each<[string, string, number[], boolean]>([
    ['more than half', FIVE, [1, 2, 3], true],
    ['not less', FIVE, [4, 5], false],
    ['not half', FOUR, [1, 2], false],
    ['more than half of an even number', FOUR, [1, 2, 4], true],
    ['not those without a vote', FIVE, [1, 2, 6, 7, 8, 9], false],
    ['not none', FIVE, [], false],
    ['majorities of two groups of three', THREE_GROUPS, [1, 2, 4, 5], true],
    ['not all of one group and one of each other', THREE_GROUPS, [1, 2, 3, 4, 7], false],
    ['not nobody in groups', THREE_GROUPS, [], false],
    [
      'a majority of the weight, not of the servers',
      `${THREE}\ngroup.1=1:2:3\nweight.1=3\nweight.2=1\nweight.3=1`,
      [1],
      true,
    ],
    ['not half of the weight', `${THREE}\ngroup.1=1:2:3\nweight.1=2`, [1], false],
    ['not servers of weight 0', `${THREE}\ngroup.1=1:2:3\nweight.1=0\nweight.2=1\nweight.3=1`, [1, 2], false],
    [
      'majorities of the groups that have weight',
      `${THREE_GROUPS}\nweight.7=0\nweight.8=0\nweight.9=0`,
      [1, 2, 4, 5],
      true,
    ],
    [
      'not one of two groups that have weight',
      `${THREE_GROUPS}\nweight.7=0\nweight.8=0\nweight.9=0`,
      [1, 2, 3, 7, 8, 9],
      false,
    ],
    [
      'not an observer in a group, whose weight counts',
      'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2:observer\ngroup.1=1:2:3\nweight.3=1',
      [1, 3],
      false,
    ],
  ])('%s', (_what, text, sids, isEnough) => {
    expect(QuorumConfig.parse(text).containsQuorum(new Set(sids))).toBe(isEnough);
  });

  it.each<[string, string, number[], boolean, boolean]>([
    ['one of two whom the oracle lets go on', 'server.1=a:1:2\nserver.2=b:1:2', [1], true, true],
    ['not one of two whom it does not', 'server.1=a:1:2\nserver.2=b:1:2', [1], false, false],
    ['both, whatever it says', 'server.1=a:1:2\nserver.2=b:1:2', [1, 2], false, true],
    ['not one of three, whatever it says', THREE, [1], true, false],
    [
      'one of two with groups, which count for nothing beside an oracle',
      'server.1=a:1:2\nserver.2=b:1:2\ngroup.1=1:2',
      [1],
      true,
      true,
    ],
  ])('%s', (_what, text, sids, says, isEnough) => {
    const config = QuorumConfig.parse(text, { ...defaultQuorumRules, oracle: () => says });
    expect(config.containsQuorum(new Set(sids))).toBe(isEnough);
  });

  it('a weight is 1 where there are no groups, and what is said where there are', () => {
    expect(QuorumConfig.parse(THREE).weightOf(2)).toBe(1);
    const grouped = QuorumConfig.parse(`${THREE}\ngroup.1=1:2:3\nweight.2=0`);
    expect([1, 2, 9].map((sid) => grouped.weightOf(sid))).toEqual([1, 0, 0]);
  });
});

function rulesOf(text: string): QuorumRules {
  return {
    ...defaultQuorumRules,
    isMultiAddress: text.includes('#multi'),
    isStandaloneEnabled: !text.includes('#nostandalone'),
  };
}
