import {
  CheckVersionRequest,
  CreateRequest,
  CreateTTLRequest,
  decodeTxn,
  DeleteRequest,
  ErrorCode,
  ErrorTxn,
  GetDataRequest,
  type MultiOp,
  type MultiTxn,
  OpCode,
  SetDataRequest,
} from '@corral/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { bytes, open, Replica } from '../test/replica.ts';

const E = ErrorCode;

let replica: Replica;

beforeEach(() => {
  replica = new Replica();
  replica.openSession(1n);
  replica.create('/node', 'data');
});

describe('a multi that succeeds', () => {
  test('does all its parts under one zxid and one time, each seeing those before it', () => {
    const outcome = replica.multi([
      create('/m'),
      create('/m/1', '1', OpCode.create2),
      setData('/m', '22', 0),
      check('/m', 1),
      create('/m/s', null, OpCode.create, 2),
      remove('/m/1', 0),
    ]);
    expect(outcome.error).toBe(E.OK);
    expect(outcome.results!.map((result) => [result.type, result.error, result.path])).toEqual([
      [OpCode.create, E.OK, '/m'],
      [OpCode.create2, E.OK, '/m/1'],
      [OpCode.setData, E.OK, '/m'],
      [OpCode.check, E.OK, '/m'],
      [OpCode.create, E.OK, '/m/s0000000001'],
      [OpCode.delete, E.OK, '/m/1'],
    ]);
    const { tree } = replica;
    const stat = tree.stat(tree.find('/m'));
    expect([stat.czxid, stat.mzxid, stat.pzxid]).toEqual([3, 3, 3]);
    expect(stat.ctime).toBe(stat.mtime);
    expect(tree.children(tree.find('/m'))).toEqual(['s0000000001']);
    expect(tree.digests.mismatchCount).toBe(0);
  });

  test('shows in each result the Stat of that moment', () => {
    const { results } = replica.multi([
      create('/m', 'x', OpCode.create2),
      create('/m/1'),
      setData('/m', 'longer'),
      setData('/m', null),
    ]);
    expect(results![0]!.stat().numChildren).toBe(0);
    expect(results![2]!.stat()).toMatchObject({ version: 1, dataLength: 6, numChildren: 1 });
    expect(results![3]!.stat()).toMatchObject({ version: 2, dataLength: 0 });
    expect(results![1]!.hasStat).toBe(false);
  });

  test('may be empty, and uses a zxid', () => {
    const before = replica.tree.lastProcessedZxid;
    expect(replica.multi([]).results).toEqual([]);
    expect(replica.tree.lastProcessedZxid).toBe(before + 1);
  });
});

describe('a multi that fails', () => {
  const ops = [create('/m'), create('/m/1'), remove('/nowhere'), create('/other')];

  test('changes nothing, and tells which part failed', () => {
    const before = describeTree(replica.tree);
    const outcome = replica.multi(ops);
    expect(outcome.error).toBe(E.NONODE);
    expect(outcome.type).toBe(OpCode.multi);
    expect(outcome.results!.map((result) => [result.type, result.error])).toEqual([
      [OpCode.error, E.OK],
      [OpCode.error, E.OK],
      [OpCode.error, E.NONODE],
      [OpCode.error, E.RUNTIMEINCONSISTENCY],
    ]);
    expect(describeTree(replica.tree)).toEqual(before);
    expect(replica.preparation.pendingCount).toBe(0);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });

  test('is logged with the parts before the failure as they were prepared', () => {
    replica.multi(ops);
    const { header, record } = decodeTxn(replica.log.at(-1)!);
    expect(header.type).toBe(OpCode.multi);
    const parts = (record as MultiTxn).txns;
    expect(parts.map((part) => part.type)).toEqual([
      OpCode.create,
      OpCode.create,
      OpCode.error,
      OpCode.error,
    ]);
    expect(parts[2]!.record).toEqual(new ErrorTxn(E.NONODE));
    expect(parts[3]!.record).toEqual(new ErrorTxn(E.RUNTIMEINCONSISTENCY));
  });

  test('leaves what was in flight before it as it was: counts of children, versions, sequence numbers', () => {
    replica.prepare(OpCode.create, new CreateRequest('/node/a', null, open(), 2));
    replica.prepare(OpCode.multi, [create('/node/b'), setData('/node', 'x', 0), remove('/nowhere')]);
    replica.prepare(OpCode.create, new CreateRequest('/node/a', null, open(), 2));
    replica.prepare(OpCode.setData, new SetDataRequest('/node', null, 0));
    replica.prepare(OpCode.delete, new DeleteRequest('/node/a0000000000', -1));
    replica.prepare(OpCode.delete, new DeleteRequest('/node/a0000000001', -1));
    replica.prepare(OpCode.delete, new DeleteRequest('/node', -1));
    const codes = Array.from({ length: 7 }, () => replica.applyNext().error);
    expect(codes).toEqual([E.OK, E.NONODE, E.OK, E.OK, E.OK, E.OK, E.OK]);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });
});

describe('a multi as a whole is MARSHALLINGERROR', () => {
  test.each<[string, MultiOp[]]>([
    ['where a path is null', [create('/m'), { type: OpCode.delete, record: new DeleteRequest(null, -1) }]],
    ['where it reads', [{ type: OpCode.getData, record: new GetDataRequest('/node', false) }]],
  ])('%s', (_what, ops) => {
    const before = describeTree(replica.tree);
    const outcome = replica.multi(ops);
    expect([outcome.type, outcome.error]).toEqual([OpCode.error, E.MARSHALLINGERROR]);
    expect(describeTree(replica.tree)).toEqual(before);
    expect(replica.preparation.pendingCount).toBe(0);
  });
});

test('each part is checked as if it came by itself', () => {
  const codeOf = (op: MultiOp) => replica.multi([op]).results![0]!.error;
  expect(codeOf(check('/nowhere', -1))).toBe(E.NONODE);
  expect(codeOf(check('/node', 5))).toBe(E.BADVERSION);
  expect(codeOf(check('bad', 5))).toBe(E.BADARGUMENTS);
  expect(codeOf(check('/node', 0))).toBe(E.OK);
  expect(codeOf(create('/node'))).toBe(E.NODEEXISTS);
  expect(codeOf({ type: OpCode.createTTL, record: new CreateTTLRequest('/t', null, open(), 5, 0) })).toBe(
    E.BADARGUMENTS,
  );
});

function create(path: string, data: string | null = '', type: 1 | 15 = OpCode.create, flags = 0): MultiOp {
  return { type, record: new CreateRequest(path, bytes(data), open(), flags) };
}

function setData(path: string, data: string | null, version = -1): MultiOp {
  return { type: OpCode.setData, record: new SetDataRequest(path, bytes(data), version) };
}

function remove(path: string, version = -1): MultiOp {
  return { type: OpCode.delete, record: new DeleteRequest(path, version) };
}

function check(path: string, version: number): MultiOp {
  return { type: OpCode.check, record: new CheckVersionRequest(path, version) };
}
