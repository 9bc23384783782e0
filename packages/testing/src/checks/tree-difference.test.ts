import { DataTree } from '@corral/datatree';
import {
  CreateTxn,
  OPEN_ACL_UNSAFE,
  OpCode,
  READ_ACL_UNSAFE,
  toZxid,
  Txn,
  TxnHeader,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { treeDifference } from './tree-difference.ts';

describe('two trees', () => {
  it('do not differ where the same transactions made them', () => {
    expect(treeDifference(treeOf(), treeOf())).toBeUndefined();
  });

  it.each([
    ['a node', { path: '/b' }],
    ['data', { data: Uint8Array.of(2) }],
    ['an ACL', { acl: READ_ACL_UNSAFE }],
    ['an owner', { ephemeral: true }],
    ['a Stat that no digest covers', { time: 6 }],
  ])('differ by %s', (_, change) => {
    expect(treeDifference(treeOf(), treeOf(change))).toBeTypeOf('string');
  });
});

function treeOf({
  path = '/a',
  data = Uint8Array.of(1),
  acl = OPEN_ACL_UNSAFE,
  ephemeral = false,
  time = 5,
} = {}): DataTree {
  const tree = new DataTree({
    digestEnabled: true,
    extendedTypesEnabled: false,
    emulate353TTLNodes: false,
    hashSeed: [3, 4],
  });
  const header = new TxnHeader(1n, 1, toZxid(1), time, OpCode.create2);
  tree.apply(new Txn(header, new CreateTxn(path, data, acl, ephemeral, 1)), undefined);
  return tree;
}
