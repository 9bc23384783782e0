import { QuorumConfig } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import type { ConfigStore } from '../config-store.ts';
import { Membership, type TermRole } from './membership.ts';

const LINES = ['server.1=h1:1:2;3', 'server.2=h2:1:2;3', 'server.3=h3:1:2;3', 'server.4=h4:1:2:observer;3'];
const FOLLOWER: TermRole = { leader: 3, isObserver: false };

describe('a member whose configuration changes', () => {
  it.each<[string, Record<number, string>, TermRole, number | undefined, string | undefined]>([
    ['goes on where it stays what it is', { 2: 'server.2=h2:1:2:observer;3' }, FOLLOWER, 3, undefined],
    ['goes on where its own ports change', { 1: 'server.1=h1:5:6;7' }, FOLLOWER, 3, undefined],
    ['goes on without a vote where it is left out', { 1: '' }, FOLLOWER, 3, undefined],
    ['leaves to be an observer', { 1: 'server.1=h1:1:2:observer;3' }, FOLLOWER, 3, 'it becomes an observer'],
    [
      'leaves to be one no more',
      { 2: 'server.2=h9:1:2;3' },
      { leader: 3, isObserver: true },
      3,
      'it is an observer no more',
    ],
    ['leaves where another is to lead', { 2: 'server.2=h9:1:2;3' }, FOLLOWER, 2, 'server 2 is to lead'],
    ['goes on where nobody says who is to lead', { 2: '' }, FOLLOWER, undefined, undefined],
    [
      'leaves where its leader is to be elsewhere',
      { 3: 'server.3=h3:9:2;3' },
      FOLLOWER,
      undefined,
      'its leader is to be elsewhere',
    ],
    ['leaves where its leader has no vote', { 3: '' }, FOLLOWER, undefined, 'its leader is to be elsewhere'],
    ['goes on where all is the same under another version', {}, FOLLOWER, 2, undefined],
  ])('%s', (_what, changes, role, designated, reason) => {
    const membership = new Membership(1, configOf(5), undefined, undefined);
    const before = membership.activate(configOf(6, changes))!;
    expect(membership.reasonToLeave(before, role, designated)).toBe(reason);
  });

  it.each<[string, Record<number, string>, boolean]>([
    ['where it is', {}, true],
    ['with another port for elections or clients', { 1: 'server.1=h1:1:8;9' }, true],
    ['elsewhere', { 1: 'server.1=h1:7:2;3' }, false],
    ['without a vote', { 1: 'server.1=h1:1:2:observer;3' }, false],
  ])('may lead %s: %s', (_what, changes, mayLead) => {
    const membership = new Membership(1, configOf(5), undefined, undefined);
    expect(membership.mayLead(configOf(6, changes))).toBe(mayLead);
  });

  it('keeps what is proposed until it, or something later, is in force', () => {
    const kept: string[] = [];
    const store: ConfigStore = {
      proposed: ({ version }) => void kept.push(`proposed ${version}`),
      activated: ({ version }, newest) => void kept.push(`${version} in force, newest ${newest}`),
    };
    const membership = new Membership(1, configOf(5), undefined, store);
    expect(membership.proposed).toBeUndefined();
    expect(membership.propose(configOf(5))).toBe(false);
    expect(membership.propose(configOf(7))).toBe(true);
    expect(membership.propose(configOf(7))).toBe(false);
    expect(membership.proposed?.version).toBe(7);
    expect(membership.activate(configOf(6))?.version).toBe(5);
    expect(membership.proposed?.version).toBe(7);
    expect(membership.activate(configOf(7))?.version).toBe(6);
    expect([membership.proposed, membership.activate(configOf(7))]).toEqual([undefined, undefined]);
    expect(kept).toEqual(['proposed 7', '6 in force, newest 7', '7 in force, newest 7']);
  });

  it('knows at its start what was proposed, if that is newer', () => {
    expect(new Membership(1, configOf(5), configOf(6), undefined).proposed?.version).toBe(6);
    expect(new Membership(1, configOf(5), configOf(5), undefined).proposed).toBeUndefined();
  });
});

/** The four servers, with other lines for some ids; an empty one leaves the server out. */
function configOf(version: number, changes: Record<number, string> = {}): QuorumConfig {
  const lines = LINES.map((line, i) => changes[i + 1] ?? line);
  return QuorumConfig.parse(`${lines.join('\n')}\nversion=${version}`);
}
