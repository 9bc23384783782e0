import { ErrorCode } from '@corral/protocol';
import { checkHistory, type CommittedTransaction, type HistoryRecord } from '@corral/testing';
import { expect, test } from 'vitest';
import { history, onlooker } from './by-hand.ts';

// An onlooker comes back, and sets the watches of /a again, which is gone meanwhile (DataTree.setWatches).
const deleted = { op: 'delete', path: '/a', version: -1 } as const;
const committed: CommittedTransaction[] = [2, 3].map((zxid) => ({
  zxid,
  session: 7n,
  xid: zxid - 1,
  kind: 'request',
}));

function comesBack(data: readonly string[], child: readonly string[], events: number): string[] {
  const none = { exist: [], persistent: [], recursive: [] };
  const records = history(
    {},
    { operation: deleted },
    {
      ...onlooker,
      operation: { op: 'setWatches', relativeZxid: 2, data, child, ...none },
      error: ErrorCode.OK,
      outcome: 'ok',
      zxid: 3,
      arrival: 9,
    },
  );
  const told: HistoryRecord[] = Array.from({ length: events }, (_, i) => ({
    ...onlooker,
    kind: 'event',
    arrival: 5 + i,
    returnedAt: 1,
    zxid: -1,
    type: 2,
    state: 3,
    path: '/a',
  }));
  const all = [...records.slice(0, -1), ...told, records.at(-1)!];
  return checkHistory(all, { committed }).map(({ rule }) => rule);
}

test('tells that a node is gone for each kind of watch that was set on it, and no more often', () => {
  expect(comesBack(['/a'], [], 1)).toEqual([]);
  expect(comesBack(['/a'], ['/a'], 2)).toEqual([]);
  expect(comesBack(['/a'], [], 2)).toEqual(['watch-event']);
  expect(comesBack(['/a'], ['/a'], 3)).toEqual(['watch-event']);
  expect(comesBack(['/a'], ['/a'], 0)).toContain('watch-missed');
});
