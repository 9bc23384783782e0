import { ErrorCode } from '@corral/protocol';
import type { RequestRecord } from '@corral/testing';
import { expect } from 'vitest';
import { scenario } from './harness/scenario.ts';

scenario(
  'ZOOKEEPER-2052: a multi that fails leaves its child in the count of what is under way, and the parent can never be deleted',
  async (newCluster) => {
    // given: a parent, and a write under way, because the disk of the leader is slow
    const cluster = newCluster();
    await cluster.startAll();
    const client = await cluster.client(1);
    await client.create('/parent');
    cluster.disk(3).hold('log');

    // when: multis make, and delete, a child and then fail, and the parent is deleted behind them, all at once
    const child = { op: 'create', path: '/parent/child', mode: 0 } as const;
    const failing = { op: 'create', path: '/nowhere/child', value: 'no', mode: 0 } as const;
    const answers = client.sendAll([
      { op: 'multi', operations: [{ ...child, value: '1' }, failing] },
      { op: 'create', path: '/parent/real', value: '2', mode: 0 },
      {
        op: 'multi',
        operations: [
          { op: 'delete', path: '/parent/real', version: -1 },
          { ...failing, value: 'no2' },
        ],
      },
      { op: 'delete', path: '/parent', version: -1 },
      { op: 'delete', path: '/parent/real', version: -1 },
      {
        op: 'multi',
        operations: [
          { ...child, value: '3' },
          { op: 'check', path: '/parent', version: 7 },
        ],
      },
      { op: 'delete', path: '/parent', version: -1 },
    ]);
    await cluster.pass(50);
    cluster.disk(3).release('log');
    const records = await cluster.run(Promise.all(answers), 'all answers');

    // then: each multi has failed and done nothing: the parent is held by the real child, and by nothing else
    expect(records.map(errorOf)).toEqual([
      ErrorCode.NONODE,
      0,
      ErrorCode.NONODE,
      ErrorCode.NOTEMPTY,
      0,
      ErrorCode.BADVERSION,
      0,
    ]);
    await cluster.ends();
  },
);

/** Of a multi, the error of the operation that failed: its header says nothing of it. */
function errorOf({ error, result }: RequestRecord): number {
  const failed = result?.results?.find(
    (one) => one.error !== 0 && one.error !== ErrorCode.RUNTIMEINCONSISTENCY,
  );
  return failed?.error ?? error;
}
