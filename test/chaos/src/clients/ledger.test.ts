import type { HistoryRecord } from '@corral/testing';
import { expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

function acked(zxid: number, returnedAt: number): HistoryRecord {
  return {
    kind: 'request',
    client: 0,
    connection: 1,
    arrival: 0,
    session: 1n,
    xid: 1,
    operation: { op: 'delete', path: '/a', version: -1 },
    invokedAt: returnedAt - 1,
    returnedAt,
    outcome: 'ok',
    zxid,
    error: 0,
    result: {},
  };
}

const term = 2 ** 32;

it('knows the longest time without an acknowledged write, and the terms that have come', () => {
  const ledger = new Ledger();
  for (const [zxid, at] of [
    [term + 1, 100],
    [term + 2, 150],
    [3 * term + 1, 950],
    [3 * term + 2, 1000],
  ] as const)
    ledger.note(acked(zxid, at));

  expect(ledger).toMatchObject({ writesAcked: 4, longestGapMs: 800, zxidMax: 3 * term + 2, elections: 2 });
});

it('does not count as a gap with a quorum what passed while there was none', () => {
  const ledger = new Ledger();
  ledger.note(acked(1, 100));
  ledger.quorum(false, 150);
  ledger.quorum(true, 5000);
  ledger.note(acked(2, 5300));

  expect(ledger).toMatchObject({ longestGapMs: 5200, longestGapWithQuorumMs: 300 });
});

it('counts a gap with a quorum also where it ends without a write', () => {
  const ledger = new Ledger();
  ledger.note(acked(1, 100));
  ledger.quorum(false, 4100);
  ledger.quorum(true, 5000);
  ledger.note(acked(2, 5300));

  expect(ledger.longestGapWithQuorumMs).toBe(4000);
});

it('a request without an answer is no checked operation', () => {
  const ledger = new Ledger();
  const record = { ...acked(0, 100), outcome: 'unknown' } as HistoryRecord;
  ledger.note(record);

  expect(ledger).toMatchObject({ requests: 1, answered: 0, unknown: 1, writesAcked: 0 });
});
