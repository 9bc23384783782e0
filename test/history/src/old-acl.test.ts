import { ErrorCode, Perms } from '@corral/protocol';
import { type AclRecord, checkHistory, type RequestRecord } from '@corral/testing';
import { expect, test } from 'vitest';
import { history } from './by-hand.ts';

// Apache's leader takes the ACL from the record of the last write of the node that is still under way, and
// PrepRequestProcessor puts the list from before into the record of a setACL.
const SLACK_MS = 5;
const NOBODY: readonly AclRecord[] = [{ perms: Perms.READ, scheme: 'world', id: 'anyone' }];

const write = (value: string, version = -1) => ({ op: 'setData', path: '/a', value, version }) as const;
const closing = { op: 'setACL', path: '/a', acl: NOBODY, version: -1 } as const;
const created = {};
const closed = { operation: closing, invokedAt: 2, returnedAt: 10 };

test.each<[string, Partial<RequestRecord>[]]>([
  ['a write that went well', [{ operation: write('b'), invokedAt: 12, returnedAt: 20 }]],
  [
    'a write that failed for another reason',
    [{ operation: write('b', 9), invokedAt: 12, returnedAt: 20, error: ErrorCode.BADVERSION }],
  ],
  [
    'a write behind one that was under way with the old list',
    [
      { operation: write('b'), invokedAt: 12, returnedAt: 20 },
      { operation: write('c'), invokedAt: 22, returnedAt: 30 },
    ],
  ],
])('%s against the ACL from before breaks the rule, but for Apache', (_, writes) => {
  const records = history(created, closed, ...writes);

  expect(checkHistory(records).map(({ rule }) => rule)).toContain('acl');
  expect(checkHistory(records, { aclSlackMs: SLACK_MS })).toEqual([]);
});

test('a write against the ACL from before, when every one before was applied, breaks the rule for Apache too', () => {
  const records = history(
    created,
    closed,
    { operation: write('b'), invokedAt: 12, returnedAt: 20 },
    { operation: write('c'), invokedAt: 26, returnedAt: 30 },
  );

  expect(checkHistory(records, { aclSlackMs: SLACK_MS }).map(({ rule }) => rule)).toEqual(['acl']);
});
