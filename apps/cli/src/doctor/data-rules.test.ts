import { tmpdir } from 'node:os';
import { DataTree } from '@corral/datatree';
import {
  Acl,
  CreateTxn,
  CreateSessionTxn,
  OpCode,
  Txn,
  TxnHeader,
  type Zxid,
  zxidOf,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import type { DataDirectory } from './data-directory.ts';
import { dataFindings } from './data-rules.ts';
import type { Finding } from './finding.ts';

const MAX_BUFFER = 1000;

describe('doctor, of what a data directory holds', () => {
  it('finds nothing in a small tree', () => {
    expect(findingsOf({})).toEqual([]);
  });

  it.each<[string, () => Partial<DataDirectory>, Partial<Finding>]>([
    [
      'an epoch that is nearly used up',
      () => ({ lastZxid: zxidOf(3, 0xf000_0001) }),
      { severity: 'warn', rule: 'zxid-horizon', seen: 'the last transaction is 3f0000001' },
    ],
    [
      'a transaction that is too long for members',
      () => ({ longestEntry: { bytes: 1500, zxid: zxidOf(3, 5) } }),
      { severity: 'warn', rule: 'large-entry', seen: 'transaction 300000005 takes 1500 bytes' },
    ],
    [
      'a node that is nearly too large',
      () => ({ tree: treeWith(['/a', '/b'], 600) }),
      { severity: 'warn', rule: 'large-node', seen: '600 bytes of data (and 1 like it)' },
    ],
    [
      'a node whose children cannot be listed',
      () => ({ tree: treeWith(['/wide', ...Array.from({ length: 100 }, (_, i) => `/wide/child-${i}`)]) }),
      { severity: 'bad', rule: 'wide-node', where: '/wide' },
    ],
    [
      'a session with too many ephemeral nodes',
      () => ({
        tree: treeWith(
          Array.from({ length: 10_001 }, (_, i) => `/${i % 200 === 0 ? 'e' : 'f'}${i}`),
          0,
          0x1000n,
        ),
      }),
      { severity: 'warn', rule: 'many-ephemerals', seen: 'session 0x1000 has 10001 ephemeral nodes' },
    ],
    [
      'a log that ends before its snapshot',
      () => ({
        tree: treeWith(['/a']),
        snapshots: [{ name: 'snapshot.1', problem: undefined, coveredZxid: zxidOf(9, 9) }],
      }),
      { severity: 'bad', rule: 'log-short', seen: 'the log ends at 1, but snapshot.1 has seen 900000009' },
    ],
    [
      'a tree that is not what the log says',
      () => {
        const tree = treeWith([]);
        tree.digests.expect({ zxid: 1 as Zxid, version: 2, value: 12_345n }, 0 as Zxid);
        apply(tree, ['/a'], 0, 0n);
        return { tree, snapshots: [{ name: 'snapshot.0', problem: undefined, coveredZxid: 0 as Zxid }] };
      },
      { severity: 'bad', rule: 'digest' },
    ],
  ])('%s', (_, facts, expected) => {
    const found = findingsOf(facts());

    expect(found).toContainEqual(expect.objectContaining(expected));
    for (const finding of found) expect(finding).toMatchObject({ why: /./, fix: /./ });
  });
});

/** How full the disk is that runs this is nobody's business. */
function findingsOf(facts: Partial<DataDirectory>): readonly Finding[] {
  const healthy: DataDirectory = {
    dataDir: tmpdir(),
    logDir: tmpdir(),
    refusal: undefined,
    repairs: [],
    snapshots: [{ name: 'snapshot.0', problem: undefined, coveredZxid: 0 as Zxid }],
    logs: ['log.1'],
    logDamage: [],
    replayProblem: undefined,
    tree: treeWith(['/a']),
    lastZxid: 1 as Zxid,
    longestEntry: { bytes: 100, zxid: 1 as Zxid },
    epochs: { accepted: undefined, current: undefined },
  };
  return [...dataFindings({ ...healthy, ...facts }, MAX_BUFFER)].filter(({ rule }) => rule !== 'disk-full');
}

function treeWith(paths: readonly string[], bytes = 0, owner = 0n): DataTree {
  const tree = new DataTree({
    digestEnabled: true,
    hashSeed: [1, 2],
    extendedTypesEnabled: false,
    emulate353TTLNodes: false,
  });
  if (owner !== 0n)
    tree.apply(
      new Txn(new TxnHeader(owner, 0, 1 as Zxid, 0, OpCode.createSession), new CreateSessionTxn(1000)),
      undefined,
    );
  apply(tree, paths, bytes, owner);
  return tree;
}

function apply(tree: DataTree, paths: readonly string[], bytes: number, owner: bigint): void {
  let zxid = tree.lastProcessedZxid;
  for (const path of paths) {
    zxid = (zxid + 1) as Zxid;
    const body = new CreateTxn(
      path,
      new Uint8Array(bytes),
      [new Acl(31, 'world', 'anyone')],
      owner !== 0n,
      -1,
    );
    tree.apply(new Txn(new TxnHeader(owner, 0, zxid, 0, OpCode.create), body), undefined);
  }
}
