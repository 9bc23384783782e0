import { CreateMode, ErrorCode } from '@corral/protocol';
import {
  checkHistory,
  type CommittedTransaction,
  type HistoryRecord,
  type RequestRecord,
} from '@corral/testing';
import { expect, test } from 'vitest';
import { history, onlooker } from './by-hand.ts';

// Who can look into the servers tells what they committed: then a history is judged without a guess.
const SESSION = 7n;
const lost = { outcome: 'unknown', zxid: 0 } as const;
const create = (path: string, mode: number = CreateMode.PERSISTENT) =>
  ({ op: 'create', path, value: 'v', mode }) as const;
const read = (path: string, value?: string): Partial<RequestRecord> => ({
  ...onlooker,
  operation: { op: 'getData', path, watch: false },
  invokedAt: 10,
  returnedAt: 11,
  zxid: 9,
  ...(value === undefined ? { error: ErrorCode.NONODE } : { result: { value } }),
});
const done = (zxid: number, xid: number): CommittedTransaction => ({
  zxid,
  session: SESSION,
  xid,
  kind: 'request',
});
const rules = (records: readonly HistoryRecord[], committed?: readonly CommittedTransaction[]): string[] =>
  checkHistory(records, committed === undefined ? {} : { committed }).map(({ rule }) => rule);

test('an unanswered write that was committed must show, and one that was not must not', () => {
  const shown = history({ operation: create('/a'), ...lost }, read('/a', 'v'));
  const hidden = history({ operation: create('/a'), ...lost }, read('/a'));

  expect([rules(shown), rules(hidden)]).toEqual([[], []]);
  expect([rules(shown, [done(5, 1)]), rules(hidden, [])]).toEqual([[], []]);
  expect(rules(shown, [])).not.toEqual([]);
  expect(rules(hidden, [done(5, 1)])).not.toEqual([]);
});

test('an unanswered write that was refused shows nowhere', () => {
  const failure: CommittedTransaction = { ...done(5, 1), kind: 'failure' };

  expect(rules(history({ operation: create('/a'), ...lost }, read('/a')), [failure])).toEqual([]);
  expect(rules(history({ operation: create('/a'), ...lost }, read('/a', 'v')), [failure])).not.toEqual([]);
});

test('what is done must be possible', () => {
  const twice = history({ operation: create('/a') }, { operation: create('/a'), ...lost });

  expect(rules(twice, [done(2, 1)])).toEqual([]);
  expect(rules(twice, [done(2, 1), done(5, 2)])).toEqual(['error-code']);
});

test('an ephemeral node goes when the servers say that its session has ended, and not before', () => {
  const gone = history({ operation: create('/e', CreateMode.EPHEMERAL) }, read('/e'));
  const stays = history({ operation: create('/e', CreateMode.EPHEMERAL) }, read('/e', 'v'));
  const end: CommittedTransaction = { zxid: 5, session: SESSION, xid: 0, kind: 'sessionEnd' };

  expect(rules(gone, [done(2, 1), end])).toEqual([]);
  expect(rules(gone, [done(2, 1)])).toEqual(['ephemeral']);
  expect(rules(stays, [done(2, 1), end])).not.toEqual([]);
});

test('a container goes when the servers say that they have removed it', () => {
  const records = history({ operation: create('/c', CreateMode.CONTAINER) }, read('/c'));
  const removal: CommittedTransaction = { zxid: 5, session: 0n, xid: 0, kind: 'removal', path: '/c' };

  expect(rules(records, [done(2, 1), removal])).toEqual([]);
  expect(rules(records, [done(2, 1)])).not.toEqual([]);
});
