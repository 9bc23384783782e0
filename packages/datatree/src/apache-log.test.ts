import { readFileSync } from 'node:fs';
import { decodeTxn, type Zxid } from '@corral/protocol';
import { expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { TREE_OPTIONS } from '../test/replica.ts';
import { DataTree, SnapshotLoader } from './index.ts';

/** Transactions of a log that Apache 3.9.5 wrote, one to a line: every kind of create, ACLs, multis, quotas, sessions. */
const log = readFileSync(`${import.meta.dirname}/../test/fixtures/apache-3.9.5-log.hex`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => new Uint8Array(Buffer.from(line, 'hex')));

/** The snapshot that the same server took when it had read that log. */
const snapshot = new Uint8Array(
  Buffer.from(
    readFileSync(`${import.meta.dirname}/../test/fixtures/apache-3.9.5-snapshot.hex`, 'utf8').replaceAll(
      '\n',
      '',
    ),
    'hex',
  ),
);
const SNAPSHOT_HEADER_BYTES = 16;

test('the digest of a fresh tree is the one Apache has', () => {
  expect(new DataTree(TREE_OPTIONS).digest).toBe(0x51c6_d660n);
});

test("after every transaction of Apache's log the tree has the digest that Apache wrote", () => {
  const tree = new DataTree(TREE_OPTIONS);
  for (const txn of log.map((entry) => decodeTxn(entry))) {
    tree.apply(txn, undefined);
    // Transactions of requests that failed carry none.
    expect([txn.header.zxid, txn.digest?.treeDigest ?? tree.digest]).toEqual([txn.header.zxid, tree.digest]);
  }
  expect(tree.digests.mismatchCount).toBe(0);
  expect(tree.lastProcessedZxid).toBe(log.length);
});

test("Apache's snapshot of that log loads as the tree that replaying the log makes", () => {
  const replayed = new DataTree(TREE_OPTIONS);
  for (const entry of log) replayed.apply(decodeTxn(entry), undefined);

  const loader = new SnapshotLoader(TREE_OPTIONS);
  const used = loader.push(snapshot.subarray(SNAPSHOT_HEADER_BYTES));
  const loaded = loader.finish(log.length as Zxid);

  expect(loader.ended).toBe(true);
  expect(loader.unknownAclCount).toBe(0);
  expect(used).toBeLessThan(snapshot.length - SNAPSHOT_HEADER_BYTES);
  expect(describeTree(loaded)).toEqual(describeTree(replayed));
});

test('the trailer of that snapshot agrees with the tree', () => {
  const loader = new SnapshotLoader(TREE_OPTIONS);
  const used = loader.push(snapshot.subarray(SNAPSHOT_HEADER_BYTES));
  // The body is sealed by a checksum and "/"; the digest's zxid, version and value follow.
  const view = new DataView(snapshot.buffer, snapshot.byteOffset + SNAPSHOT_HEADER_BYTES + used + 8 + 5);
  const zxid = Number(view.getBigInt64(0)) as Zxid;
  const tree = loader.finish(zxid, { zxid, version: view.getInt32(8), value: view.getBigInt64(12) });
  expect(tree.digest).toBe(view.getBigInt64(12));
  expect(tree.digests.mismatchCount).toBe(0);
});
