import { JuteReader, JuteWriter } from '@corral/jute';
import {
  Acl,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  ErrorCode,
  ErrorTxn,
  MultiTxn,
  OPEN_ACL_UNSAFE,
  OpCode,
  READ_ACL_UNSAFE,
  SetACLTxn,
  SetDataTxn,
  Stat,
  SubTxn,
  Txn,
  TxnDigest,
  TxnHeader,
  type TxnRecord,
  type Zxid,
} from '@corral/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { bytes, open, Replica, TREE_OPTIONS } from '../test/replica.ts';
import { DataTree } from './index.ts';

const E = ErrorCode;

describe('a fresh tree', () => {
  const tree = new DataTree(TREE_OPTIONS);

  test('holds the root and the three nodes of ZooKeeper, and counts one too many, as Apache does', () => {
    expect(tree.children(tree.find('/'))).toEqual(['zookeeper']);
    expect(tree.children(tree.find('/zookeeper')).toSorted()).toEqual(['config', 'quota']);
    expect(tree.nodeCount).toBe(5);
    expect(tree.descendantCount(tree.find('/'))).toBe(3);
    expect(tree.approximateDataSize).toBe(44);
  });

  test('lets everybody read the configuration, and nobody write it', () => {
    expect(tree.acl(tree.find('/zookeeper/config'))).toEqual(READ_ACL_UNSAFE);
    expect(tree.stat(tree.find('/zookeeper/config'))).toMatchObject({ version: 0, aversion: -1 });
    expect(tree.acl(tree.find('/'))).toEqual(OPEN_ACL_UNSAFE);
  });

  test('shows the root with one child that no transaction made', () => {
    expect(tree.stat(tree.find('/'))).toEqual(new Stat(z(0), z(0), 0, 0, 0, -1, 0, 0n, 0, 1, z(0)));
  });
});

describe('looking for a path', () => {
  const replica = new Replica();
  replica.create('/a');
  replica.create('/a/b');
  replica.create('/a/ünï');
  replica.create('/a/b/a');
  const { tree } = replica;

  test.each(['/', '', '/a', '/a/b', '/a/ünï', '/a/b/a'])('%j is there, as text and as bytes', (path) => {
    const node = tree.find(path);
    expect(node).toBeGreaterThan(0);
    expect(tree.path(node)).toBe(path === '' ? '/' : path);
    const frame = bytes(`..${path}..`)!;
    expect(tree.findBytes(frame, 2, frame.length - 2)).toBe(node);
  });

  test.each([
    'a',
    'a/b',
    '/b',
    '/a/',
    '//a',
    '/a//b',
    '/a/b/',
    '/a/c',
    '/a/b/a/b',
    '/A',
    '/\0',
    '/a\0',
    '/\ud800',
  ])('%j is not', (path) => {
    expect(tree.find(path)).toBe(0);
    const frame = bytes(path)!;
    expect(tree.findBytes(frame, 0, frame.length)).toBe(0);
  });

  test('a very long path does not disturb the next', () => {
    expect(tree.find(`/${'x'.repeat(100_000)}`)).toBe(0);
    expect(tree.find(`/${'ü'.repeat(100_000)}`)).toBe(0);
    expect(tree.path(tree.find('/a/ünï'))).toBe('/a/ünï');
  });
});

describe('the Stat', () => {
  let replica: Replica;
  const stat = (path: string) => replica.tree.stat(replica.tree.find(path));

  beforeEach(() => {
    replica = new Replica();
    replica.create('/p', 'data', 0, { time: 1000 });
  });

  test('of a new node has its zxid and time thrice, and versions of 0', () => {
    expect(stat('/p')).toEqual(new Stat(z(1), z(1), 1000, 1000, 0, 0, 0, 0n, 4, 0, z(1)));
  });

  test('of a parent counts creates and deletes of children, and changes nothing else', () => {
    for (const name of ['a', 'b', 'c']) replica.create(`/p/${name}`, null, 0, { time: 2000 });
    replica.delete('/p/b');
    expect(stat('/p')).toEqual(new Stat(z(1), z(1), 1000, 1000, 0, 4, 0, 0n, 4, 2, z(5)));
  });

  test('follows setData: version, zxid, time and length', () => {
    replica.setData('/p', 'longer data', -1, { time: 3000 });
    expect(stat('/p')).toEqual(new Stat(z(1), z(2), 1000, 3000, 1, 0, 0, 0n, 11, 0, z(1)));
    replica.setData('/p', null, 1, { time: 4000 });
    expect(stat('/p')).toMatchObject({ version: 2, dataLength: 0 });
  });

  test('follows setACL: aversion alone', () => {
    replica.setAcl('/p', [new Acl(31, 'world', 'anyone'), new Acl(1, 'ip', '1.2.3.4')]);
    expect(stat('/p')).toEqual(new Stat(z(1), z(1), 1000, 1000, 0, 0, 1, 0n, 4, 0, z(1)));
  });

  test('shows an owner of ephemeral nodes only', () => {
    replica.create('/e', null, 1, { sessionId: -0x7f00_0000_0000_0000n });
    replica.createContainer('/c');
    replica.createTtl('/t', 5);
    expect([stat('/e'), stat('/c'), stat('/t')].map((each) => each.ephemeralOwner)).toEqual([
      -0x7f00_0000_0000_0000n,
      0n,
      0n,
    ]);
  });

  test('of a time or zxid beyond 32 bits is exact', () => {
    const big = new Txn(
      new TxnHeader(1n, 1, z(0x12_0000_0003), 1_795_000_000_123, OpCode.create),
      new CreateTxn('/big', null, open(), false, 5),
    );
    replica.tree.apply(big, undefined);
    expect(stat('/big')).toMatchObject({ czxid: 0x12_0000_0003, ctime: 1_795_000_000_123 });
    expect(replica.tree.mzxid(replica.tree.find('/big'))).toBe(0x12_0000_0003);
  });

  test('is written as 68 bytes, and in the outcome it is that of the moment', () => {
    const outcome = replica.setData('/p', 'xy');
    const w = new JuteWriter();
    outcome.writeStat(w);
    expect(w.length).toBe(68);
    expect(Stat.read(new JuteReader(w.bytes()))).toEqual(stat('/p'));
    expect(outcome.stat()).toEqual(stat('/p'));
  });
});

describe('data', () => {
  test.each([null, '', 'x', 'x'.repeat(8), 'x'.repeat(9), 'x'.repeat(600), 'x'.repeat(100_000)])(
    'is given back as it came, whatever was there before (%#)',
    (data) => {
      const replica = new Replica();
      for (const before of ['', null, 'y'.repeat(9), 'y'.repeat(70_000)]) {
        replica.create('/n', before);
        replica.setData('/n', data);
        expect(replica.data('/n')).toBe(data);
        const w = new JuteWriter();
        replica.tree.writeData(replica.tree.find('/n'), w);
        const r = new JuteReader(w.bytes());
        expect(r.readBuffer()).toEqual(bytes(data));
        expect(replica.tree.dataLength(replica.tree.find('/n'))).toBe(data?.length ?? 0);
        replica.delete('/n');
      }
    },
  );

  test('is copied: the bytes of the transaction may be used again', () => {
    const tree = new DataTree(TREE_OPTIONS);
    const data = bytes('before')!;
    tree.apply(txn(1, OpCode.create, new CreateTxn('/n', data, open(), false, 1)), undefined);
    data.fill(0);
    expect(new TextDecoder().decode(tree.data(tree.find('/n'))!)).toBe('before');
  });
});

describe('children', () => {
  test('are listed in order of creation, as names and as a vector', () => {
    const replica = new Replica();
    replica.create('/p');
    for (const name of ['c', 'ä', 'b', 'd']) replica.create(`/p/${name}`);
    replica.delete('/p/c');
    replica.delete('/p/d');
    replica.create('/p/e');
    const parent = replica.tree.find('/p');
    expect(replica.tree.children(parent)).toEqual(['ä', 'b', 'e']);
    const w = new JuteWriter();
    replica.tree.writeChildren(parent, w);
    expect(new JuteReader(w.bytes()).readStrings()).toEqual(['ä', 'b', 'e']);
  });

  test('are counted with all below them', () => {
    const replica = new Replica();
    for (const path of ['/p', '/p/a', '/p/a/x', '/p/a/y', '/p/b']) replica.create(path);
    const count = (path: string) => replica.tree.descendantCount(replica.tree.find(path));
    expect([count('/p'), count('/p/a'), count('/p/b'), count('/')]).toEqual([4, 2, 0, 8]);
    replica.delete('/p/a/x');
    expect([count('/p'), count('/p/a'), count('/')]).toEqual([3, 1, 7]);
  });
});

describe('containers and TTL nodes', () => {
  test('a container may go when it has had children and has none', () => {
    const replica = new Replica();
    replica.createContainer('/c');
    replica.create('/c/1');
    expect([...replica.tree.candidatesForContainerCleanup(2e12, 0)]).toEqual([]);
    replica.delete('/c/1');
    expect([...replica.tree.candidatesForContainerCleanup(2e12, 0)]).toEqual(['/c']);
  });

  test('one that never had any goes after a time, if asked to', () => {
    const replica = new Replica();
    replica.do(OpCode.createContainer, new CreateRequest('/c', null, open(), 4), { time: 1000 });
    expect([...replica.tree.candidatesForContainerCleanup(2e12, 0)]).toEqual([]);
    expect([...replica.tree.candidatesForContainerCleanup(1300, 300)]).toEqual([]);
    expect([...replica.tree.candidatesForContainerCleanup(1301, 300)]).toEqual(['/c']);
  });

  test('a TTL node may go when it was not changed for its time and has no children', () => {
    const replica = new Replica();
    replica.createTtl('/t', 500, { time: 1000 });
    expect([...replica.tree.candidatesForContainerCleanup(1500, 0)]).toEqual([]);
    expect([...replica.tree.candidatesForContainerCleanup(1501, 0)]).toEqual(['/t']);
    replica.setData('/t', 'x', -1, { time: 1400 });
    expect([...replica.tree.candidatesForContainerCleanup(1501, 0)]).toEqual([]);
    replica.create('/t/child');
    expect([...replica.tree.candidatesForContainerCleanup(2e12, 0)]).toEqual([]);
  });

  test('whoever looks for them hears of it whenever many have been looked at, and may change the tree meanwhile', () => {
    const replica = new Replica();
    for (let i = 0; i < 12_000; i++) replica.createContainer(`/c${i}`);
    replica.create('/c11000/x');
    replica.delete('/c11000/x');
    const found: (string | undefined)[] = [];
    for (const path of replica.tree.candidatesForContainerCleanup(2e12, 0)) {
      found.push(path);
      replica.delete('/c7');
      replica.createContainer('/c7');
    }
    expect(found).toEqual([undefined, undefined, '/c11000']);
  });

  test('TTL nodes stay what they are, and stay, on a server without extended types', () => {
    const tree = new DataTree({ ...TREE_OPTIONS, extendedTypesEnabled: false });
    tree.apply(txn(1, OpCode.createTTL, new CreateTTLTxn('/t', null, open(), 1, 5)), undefined);
    expect(tree.ephemeralCount).toBe(0);
    expect([...tree.candidatesForContainerCleanup(2e12, 0)]).toEqual([]);
    expect(tree.ephemeralOwners()).toEqual([]);
    expect(tree.find('/t')).toBeGreaterThan(0);
  });
});

describe('ephemeral nodes', () => {
  test('are found by session, and by prefix as plain text', () => {
    const replica = new Replica();
    for (const path of ['/ab', '/a', '/b']) replica.create(path, null, 1, { sessionId: 3n });
    expect(replica.tree.ephemerals(3n)).toEqual(['/ab', '/a', '/b']);
    expect(replica.tree.ephemerals(3n, '/a')).toEqual(['/ab', '/a']);
    expect(replica.tree.ephemerals(4n)).toEqual([]);
    expect(replica.tree.ephemeralCount).toBe(3);
  });

  test('name their sessions, those too that no log knows', () => {
    const replica = new Replica();
    replica.openSession(1n);
    replica.create('/alive', null, 1, { sessionId: 1n });
    replica.create('/dead', null, 1, { sessionId: 2n });
    expect(replica.tree.ephemeralOwners()).toEqual([1n, 2n]);
    replica.delete('/dead');
    expect(replica.tree.ephemeralOwners()).toEqual([1n]);
    expect(ephemeralsOf(replica)).toEqual([[1n, ['/alive']]]);
    expect(replica.tree.ephemeralOwnerCount).toBe(1);
  });

  test('are listed step by step, while they come and go: those that stay once, and the walk ends', () => {
    const replica = new Replica();
    for (let i = 0; i < 10; i++) replica.create(`/e${i}`, null, 1, { sessionId: 1n });
    const listed: string[] = [];

    for (const [, paths] of replica.tree.allEphemerals()) {
      for (const path of paths) {
        listed.push(path);
        if (path !== '/e5') replica.delete(path);
        if (path !== '/e5') replica.create(path, null, 1, { sessionId: 1n });
        replica.delete('/e7');
        replica.create(`/new${listed.length}`, null, 1, { sessionId: 1n });
      }
    }

    expect(listed.slice(0, 9)).toEqual(['/e0', '/e1', '/e2', '/e3', '/e4', '/e5', '/e6', '/e8', '/e9']);
    expect(listed.length).toBe(10);
  });
});

describe('sessions', () => {
  test('are in the table from their transaction on, with the zxid that made them', () => {
    const tree = new DataTree(TREE_OPTIONS);
    tree.apply(txn(1, OpCode.createSession, new CreateSessionTxn(4000), 9n), undefined);
    expect([...tree.sessions]).toEqual([[9n, 4000]]);
    expect(tree.lastProcessedZxid).toBe(1);
    tree.apply(txn(2, OpCode.closeSession, new CloseSessionTxn([]), 9n), undefined);
    expect(tree.sessions.size).toBe(0);
  });
});

describe('a transaction that does not fit the tree changes what it can', () => {
  let tree: DataTree;
  const apply = (zxid: number, type: number, record: TxnRecord | null, session = 1n) =>
    tree.apply(txn(zxid, type, record, session), undefined);

  beforeEach(() => {
    tree = new DataTree(TREE_OPTIONS);
    apply(10, OpCode.create, new CreateTxn('/p', bytes('p'), open(), false, 1));
    apply(11, OpCode.create, new CreateTxn('/p/a', bytes('a'), open(), false, 1));
  });

  test('a create of a node that is there refreshes its ACL and moves the parent forward', () => {
    const outcome = apply(
      12,
      OpCode.create2,
      new CreateTxn('/p/a', bytes('other'), [...READ_ACL_UNSAFE], false, 5),
    );
    expect(outcome.error).toBe(E.NODEEXISTS);
    expect(tree.acl(tree.find('/p/a'))).toEqual(READ_ACL_UNSAFE);
    expect(new TextDecoder().decode(tree.data(tree.find('/p/a'))!)).toBe('a');
    expect(tree.stat(tree.find('/p'))).toMatchObject({ cversion: 9, pzxid: 12 });
  });

  test('an older create does not move the parent back', () => {
    apply(9, OpCode.create, new CreateTxn('/p/b', null, open(), false, 1));
    expect(tree.stat(tree.find('/p'))).toMatchObject({ cversion: 0, numChildren: 2, pzxid: 11 });
  });

  test('a create of before 3.4, without a version of the parent, counts one', () => {
    apply(12, OpCode.create, new CreateTxn('/p/b', null, open(), false, -1));
    expect(tree.stat(tree.find('/p'))).toMatchObject({ cversion: 2, pzxid: 12 });
  });

  test('a delete of a node that is gone still moves the parent forward, never back', () => {
    expect(apply(15, OpCode.delete, new DeleteTxn('/p/gone')).error).toBe(E.NONODE);
    expect(tree.pzxid(tree.find('/p'))).toBe(15);
    apply(14, OpCode.delete, new DeleteTxn('/p/gone'));
    expect(tree.pzxid(tree.find('/p'))).toBe(15);
  });

  test('a delete of a node with children takes them along: the log will make them again', () => {
    apply(12, OpCode.create, new CreateTxn('/p/a/x', null, open(), true, 1));
    expect(apply(13, OpCode.delete, new DeleteTxn('/p')).error).toBe(E.OK);
    expect(tree.nodeCount).toBe(5);
    expect(tree.ephemeralCount).toBe(0);
    const emptied = new DataTree(TREE_OPTIONS);
    emptied.apply(txn(10, OpCode.create, new CreateTxn('/p', null, open(), false, 1)), undefined);
    emptied.apply(txn(13, OpCode.delete, new DeleteTxn('/p')), undefined);
    expect(tree.digest).toBe(emptied.digest);
  });

  test.each<[string, TxnRecord, number]>([
    ['a create below nothing', new CreateTxn('/nowhere/x', null, open(), false, 1), E.NONODE],
    ['a create without a name', new CreateTxn('/p/', null, open(), false, 1), E.BADARGUMENTS],
    ['a create without a slash', new CreateTxn('p', null, open(), false, 1), E.BADARGUMENTS],
    ['a create of nothing', new CreateTxn('', null, open(), false, 1), E.BADARGUMENTS],
    ['a create of the root', new CreateTxn('/', null, open(), false, 1), E.BADARGUMENTS],
    ['a delete of the root', new DeleteTxn('/'), E.BADARGUMENTS],
    ['a delete below nothing', new DeleteTxn('/nowhere/x'), E.NONODE],
    ['setData of nothing', new SetDataTxn('/nowhere', null, 1), E.NONODE],
    ['setACL of nothing', new SetACLTxn('/nowhere', open(), 1), E.NONODE],
    ['an error', new ErrorTxn(-103), E.BADVERSION],
  ])('%s does no harm', (_what, record, code) => {
    const before = describeTree(tree);
    expect(apply(20, OpCode.create, record).error).toBe(code);
    expect(describeTree(tree)).toEqual(before);
    expect(tree.lastProcessedZxid).toBe(20);
  });

  test('a TTL that cannot be, which Apache logs and dies of, makes a node that stays', () => {
    expect(apply(12, OpCode.createTTL, new CreateTTLTxn('/t', null, open(), 2, -1)).error).toBe(E.OK);
    expect([...tree.candidatesForContainerCleanup(2e12, 1)]).toEqual([]);
  });

  test('an ephemeral node of an id that no session can have is refused', () => {
    const outcome = apply(
      12,
      OpCode.create,
      new CreateTxn('/e', null, open(), true, 2),
      -0x0012_0000_0000_0000n,
    );
    expect(outcome.error).toBe(E.BADARGUMENTS);
  });

  test('a closeSession without its list deletes what the session owns; one with a list, that and the rest', () => {
    apply(12, OpCode.create, new CreateTxn('/e1', null, open(), true, 2), 5n);
    apply(13, OpCode.create, new CreateTxn('/e2', null, open(), true, 3), 5n);
    apply(14, OpCode.closeSession, new CloseSessionTxn(['/e1', '/gone']), 5n);
    expect([tree.find('/e1'), tree.find('/e2')]).toEqual([0, 0]);
    apply(15, OpCode.create, new CreateTxn('/e3', null, open(), true, 4), 5n);
    apply(16, OpCode.closeSession, null, 5n);
    expect(tree.find('/e3')).toBe(0);
  });

  test('a multi with a failed part is skipped as a whole', () => {
    const before = describeTree(tree);
    const outcome = apply(
      12,
      OpCode.multi,
      new MultiTxn([
        new SubTxn(OpCode.create, new CreateTxn('/x', null, open(), false, 2)),
        new SubTxn(OpCode.error, new ErrorTxn(E.NONODE)),
        new SubTxn(OpCode.create, new CreateTxn('/y', null, open(), false, 3)),
      ]),
    );
    expect(outcome.error).toBe(E.NONODE);
    expect(outcome.results!.map((result) => result.error)).toEqual([E.OK, E.NONODE, E.RUNTIMEINCONSISTENCY]);
    expect(describeTree(tree)).toEqual(before);
  });

  test('a container is one whatever the session', () => {
    apply(12, OpCode.createContainer, new CreateContainerTxn('/c', null, open(), 2), 5n);
    expect(tree.ephemerals(5n)).toEqual([]);
    expect([...tree.candidatesForContainerCleanup(2e12, 1)]).toEqual(['/c']);
  });
});

describe('digests', () => {
  test('a wrong one is counted, never fatal', () => {
    const tree = new DataTree(TREE_OPTIONS);
    tree.apply(txn(1, OpCode.createSession, new CreateSessionTxn(1), 1n, new TxnDigest(2, 1n)), undefined);
    tree.apply(
      txn(2, OpCode.createSession, new CreateSessionTxn(1), 1n, new TxnDigest(2, tree.digest)),
      undefined,
    );
    tree.apply(txn(3, OpCode.createSession, new CreateSessionTxn(1), 1n, new TxnDigest(1, 1n)), undefined);
    expect(tree.digests.mismatchCount).toBe(1);
    expect(tree.digests.firstMismatch).toBe(1);
  });

  test('of every 128th zxid the newest 1024 are kept', () => {
    const tree = new DataTree(TREE_OPTIONS);
    for (let zxid = 64; zxid <= 128 * 1026; zxid += 64) {
      tree.apply(txn(zxid, OpCode.createSession, new CreateSessionTxn(1)), undefined);
    }
    expect(tree.digests.recent.length).toBe(1024);
    expect(tree.digests.recent[0]).toEqual({ zxid: 128 * 3, version: 2, value: tree.digest });
    expect(tree.digests.recent.at(-1)!.zxid).toBe(128 * 1026);
  });

  test('can be switched off', () => {
    const replica = new Replica({ digestEnabled: false });
    replica.create('/n');
    expect(replica.tree.digest).toBe(0n);
    expect(replica.inFlight).toEqual([]);
    expect(replica.tree.digests.recent).toEqual([]);
  });

  test('are the same with another key of the path hash', () => {
    const replica = new Replica({ hashSeed: [7, 8] });
    replica.create('/n', 'x');
    const other = new Replica();
    other.create('/n', 'x');
    expect(replica.tree.digest).toBe(other.tree.digest);
  });
});

test('equal ACL lists are one object', () => {
  const replica = new Replica();
  const list = () => [new Acl(1, 'digest', 'a:b'), new Acl(31, 'world', 'anyone')];
  replica.create('/a', null, 0, {}, list());
  replica.create('/x');
  replica.create('/b', null, 0, {}, list());
  const { tree } = replica;
  expect(tree.acl(tree.find('/a'))).toBe(tree.acl(tree.find('/b')));
  expect(tree.acl(tree.find('/a'))).toEqual(list());
  const before = tree.aclCount;
  replica.delete('/a');
  replica.delete('/b');
  expect(tree.aclCount).toBe(before - 1);
});

function txn(zxid: number, type: number, record: TxnRecord | null, session = 1n, digest?: TxnDigest): Txn {
  return new Txn(new TxnHeader(session, 1, z(zxid), 1000 + zxid, type), record, digest);
}

function z(zxid: number): Zxid {
  return zxid as Zxid;
}

function ephemeralsOf(replica: Replica): [bigint, string[]][] {
  return Array.from(replica.tree.allEphemerals(), ([session, paths]) => [session, [...paths]]);
}
