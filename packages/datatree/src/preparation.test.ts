import assert from 'node:assert/strict';
import {
  Acl,
  CheckVersionRequest,
  CreateRequest,
  CreateSessionTxn,
  CreateTTLRequest,
  DeleteContainerRequest,
  DeleteRequest,
  ErrorCode,
  ErrorTxn,
  Identity,
  OpCode,
  Perms,
  ReconfigRequest,
  SetACLRequest,
  SetDataRequest,
  SetDataTxn,
} from '@corral/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeTree } from '../test/describe-tree.ts';
import { type Asker, bytes, open, Replica } from '../test/replica.ts';
import type { PreparableRequest } from './index.ts';

const bob: Asker = { identities: [new Identity('digest', 'bob:hash')] };
const expired: Asker = { sessionError: ErrorCode.SESSIONEXPIRED };
const onlyBob = [new Acl(Perms.ALL, 'digest', 'bob:hash')];
const readOnly = [new Acl(Perms.READ, 'world', 'anyone')];

let replica: Replica;

beforeEach(() => {
  replica = new Replica();
  replica.openSession(1n);
  replica.create('/node', 'data');
  replica.create('/node/child');
  replica.create('/ephemeral', 'data', 1);
  replica.create('/bobs', 'data', 0, bob, onlyBob);
  replica.create('/read-only', 'data', 0, {}, readOnly);
  replica.createContainer('/container');
  replica.createTtl('/ttl', 1000);
});

/** [what, request, expected code, who asks] */
type Row = [string, PreparableRequest, number, Asker?];

/** The code of the answer. Where it is an error nothing may be left of the request, in the tree or in flight. */
function codeOf(type: number, request: PreparableRequest, asker?: Asker): number {
  const before = describeTree(replica.tree);
  const outcome = replica.do(type, request, asker);
  if (outcome.error !== ErrorCode.OK) {
    assert.equal(outcome.type, OpCode.error);
    assert.deepEqual(describeTree(replica.tree), before);
    assert.equal(replica.preparation.pendingCount, 0);
  }
  return outcome.error;
}

const E = ErrorCode;

describe('create', () => {
  const create = (path: string | null, flags = 0, acl: Acl[] | null = open()) =>
    new CreateRequest(path, null, acl, flags);
  test.each<Row>([
    ['a node', create('/new'), E.OK],
    ['below a node', create('/node/new'), E.OK],
    ['below the root by its other name', create('//new'), E.BADARGUMENTS],
    ['flags that are none come first', create(null, 7), E.BADARGUMENTS, expired],
    ['negative flags', create('/new', -1), E.BADARGUMENTS],
    ['TTL flags without a ttl', create('/new', 5), E.BADARGUMENTS],
    ['a session that is over comes before the path', create(null), E.SESSIONEXPIRED, expired],
    ['no path', create(null), E.MARSHALLINGERROR],
    ['an empty path', create(''), E.BADARGUMENTS],
    ['a path without a slash', create('new'), E.BADARGUMENTS],
    ['a path with a zero byte', create('/a\0b'), E.BADARGUMENTS],
    ['the ACL comes before the parent', create('/nowhere/new', 0, []), E.INVALIDACL],
    ['an ACL that cannot be looked at', create('/new', 0, [new Acl(1, 'digest', null)]), E.MARSHALLINGERROR],
    ['no parent', create('/nowhere/new'), E.NONODE],
    ['no parent comes before a bad name', create('/nowhere//x'), E.NONODE],
    ['no right on the parent', create('/read-only/new'), E.NOAUTH],
    ['no right comes before a bad name', create('/read-only/..'), E.NOAUTH],
    ['a relative name', create('/node/..'), E.BADARGUMENTS],
    ['a trailing slash', create('/node/'), E.BADARGUMENTS],
    ['a trailing slash before a sequence number', create('/node/', 2), E.OK],
    ['beyond the basic plane', create('/\u{1f600}'), E.BADARGUMENTS],
    ['a node that is there', create('/node'), E.NODEEXISTS],
    ['the root', create('/'), E.NODEEXISTS],
    ['a child of an ephemeral node', create('/ephemeral/x'), E.NOCHILDRENFOREPHEMERALS],
    ['a child of a container', create('/container/x'), E.OK],
    ['a child of a TTL node', create('/ttl/x'), E.OK],
    ['plain with the flags of a container', create('/new', 4), E.OK],
  ])('%s', (_what, request, code, asker) => {
    expect(codeOf(OpCode.create, request, asker)).toBe(code);
  });

  test('ephemeral nodes are of the session that asked', () => {
    replica.create('/e', null, 1, { sessionId: 77n });
    expect(replica.tree.stat(replica.tree.find('/e')).ephemeralOwner).toBe(77n);
    expect(replica.tree.ephemerals(77n)).toEqual(['/e']);
  });

  test('a sequence number counts the creates below the parent, whatever became of them', () => {
    for (let i = 0; i < 3; i++) replica.create('/node/x', null, 2);
    replica.delete('/node/x0000000002');
    expect(replica.create('/node/x', null, 2).path).toBe('/node/x0000000004');
    expect(replica.create('/node/', null, 3).path).toBe('/node/0000000005');
  });

  test('sequence numbers of requests in flight go on counting', () => {
    for (let i = 0; i < 3; i++) replica.prepare(OpCode.create, new CreateRequest('/node/x', null, open(), 2));
    const paths = [replica.applyNext().path, replica.applyNext().path, replica.applyNext().path];
    expect(paths).toEqual(['/node/x0000000001', '/node/x0000000002', '/node/x0000000003']);
  });

  test('what is created follows from the opcode where the flags say otherwise, and the digest agrees', () => {
    replica.do(OpCode.create, new CreateRequest('/plain', null, open(), 4));
    replica.do(OpCode.createContainer, new CreateRequest('/container-too', null, open(), 0));
    expect(replica.do(OpCode.createContainer, new CreateRequest('/container-', null, open(), 2)).path).toBe(
      '/container-0000000008',
    );
    expect(Array.from(replica.tree.candidatesForContainerCleanup(2e12, 1), String).toSorted()).toEqual([
      '/container',
      '/container-0000000008',
      '/container-too',
      '/ttl',
    ]);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });
});

describe('createTTL', () => {
  const create = (flags: number, ttl: number, path: string | null = '/new') =>
    new CreateTTLRequest(path, null, open(), flags, ttl);
  test.each<Row>([
    ['with a ttl', create(5, 1), E.OK],
    ['sequential', create(6, 1), E.OK],
    ['as long as can be', create(5, 0xff_ffff_ffff), E.OK],
    ['longer', create(5, 0x100_0000_0000), E.BADARGUMENTS],
    ['for no time', create(5, 0), E.BADARGUMENTS],
    ['for less than no time', create(5, -1), E.BADARGUMENTS],
    ['with plain flags, which kills Apache', create(0, -1), E.BADARGUMENTS],
    ['with plain flags and a ttl', create(0, 5), E.BADARGUMENTS],
    ['with the flags of a container', create(4, -1), E.BADARGUMENTS],
    ['a bad ttl comes before the session', create(5, 0, null), E.BADARGUMENTS, expired],
  ])('%s', (_what, request, code, asker) => {
    expect(codeOf(OpCode.createTTL, request, asker)).toBe(code);
  });

  test('is not there without extended types, before the ttl is looked at', () => {
    replica = new Replica({ extendedTypesEnabled: false });
    expect(codeOf(OpCode.createTTL, create(5, 0))).toBe(E.UNIMPLEMENTED);
    expect(codeOf(OpCode.create, new CreateRequest('/new', null, open(), 6))).toBe(E.UNIMPLEMENTED);
  });
});

describe('delete', () => {
  const request = (path: string | null, version = -1) => new DeleteRequest(path, version);
  test.each<Row>([
    ['a node', request('/node/child'), E.OK],
    ['of a version', request('/node/child', 0), E.OK],
    ['of another version', request('/node/child', 1), E.BADVERSION],
    ['a node with children', request('/node'), E.NOTEMPTY],
    ['another version comes before children', request('/node', 3), E.BADVERSION],
    ['a session that is over', request(null), E.SESSIONEXPIRED, expired],
    ['no path', request(null), E.MARSHALLINGERROR],
    ['an empty path', request(''), E.BADARGUMENTS],
    ['a path with a zero byte', request('/node/a\0'), E.BADARGUMENTS],
    ['the root', request('/'), E.BADARGUMENTS],
    ['/zookeeper', request('/zookeeper'), E.BADARGUMENTS],
    ['/zookeeper/quota', request('/zookeeper/quota'), E.BADARGUMENTS],
    ['/zookeeper/config', request('/zookeeper/config'), E.BADARGUMENTS],
    ['no parent', request('/nowhere/x'), E.NONODE],
    ['no node', request('/nowhere'), E.NONODE],
    ['a trailing slash', request('/node/'), E.NONODE],
    ['no right on the parent comes before the node', request('/read-only/x'), E.NOAUTH],
    ['the rights of the node itself do not matter', request('/read-only'), E.OK],
  ])('%s', (_what, deletion, code, asker) => {
    expect(codeOf(OpCode.delete, deletion, asker)).toBe(code);
  });
});

describe('deleteContainer', () => {
  const request = (path: string | null) => new DeleteContainerRequest(path);
  const server: Asker = { sessionId: 0n };
  test.each<Row>([
    ['a container', request('/container'), E.OK, server],
    ['a TTL node', request('/ttl'), E.OK, server],
    ['by a client who may', request('/container'), E.OK],
    ['whatever the session', request('/container'), E.OK, expired],
    ['an ordinary node, which Apache deletes for anybody', request('/read-only'), E.BADVERSION, server],
    ['an ephemeral node', request('/ephemeral'), E.BADVERSION, server],
    ['no node', request('/nowhere'), E.NONODE, server],
    ['a node with children', request('/node'), E.NOTEMPTY, server],
    ['no path', request(null), E.MARSHALLINGERROR, server],
    ['a reserved path', request('/zookeeper'), E.BADARGUMENTS, server],
  ])('%s', (_what, deletion, code, asker) => {
    expect(codeOf(OpCode.deleteContainer, deletion, asker)).toBe(code);
  });

  test('a client needs DELETE on the parent, the server does not', () => {
    const guarded = [new Acl(Perms.CREATE, 'world', 'anyone')];
    replica.create('/guarded', null, 0, {}, guarded);
    replica.createContainer('/guarded/container');
    expect(codeOf(OpCode.deleteContainer, request('/guarded/container'))).toBe(E.NOAUTH);
    expect(codeOf(OpCode.deleteContainer, request('/guarded/container'), server)).toBe(E.OK);
  });
});

describe('setData', () => {
  const request = (path: string | null, version = -1, data = 'x') =>
    new SetDataRequest(path, bytes(data), version);
  test.each<Row>([
    ['a node', request('/node'), E.OK],
    ['the root', request('/'), E.OK],
    ['of a version', request('/node', 0), E.OK],
    ['of another version', request('/node', 1), E.BADVERSION],
    ['a session that is over', request(null), E.SESSIONEXPIRED, expired],
    ['no path', request(null), E.BADARGUMENTS],
    ['an empty path', request(''), E.BADARGUMENTS],
    ['a bad path', request('/node/'), E.BADARGUMENTS],
    ['no node', request('/nowhere'), E.NONODE],
    ['no right', request('/bobs'), E.NOAUTH],
    ['no right comes before the version', request('/bobs', 9), E.NOAUTH],
    ['with the right', request('/bobs'), E.OK, bob],
  ])('%s', (_what, change, code, asker) => {
    expect(codeOf(OpCode.setData, change, asker)).toBe(code);
  });
});

describe('setACL', () => {
  const request = (path: string | null, acl: Acl[] | null = open(), version = -1) =>
    new SetACLRequest(path, acl, version);
  test.each<Row>([
    ['a node', request('/node'), E.OK],
    ['of a version', request('/node', open(), 0), E.OK],
    ['of another version', request('/node', open(), 1), E.BADVERSION],
    ['a session that is over', request(null), E.SESSIONEXPIRED, expired],
    ['no path', request(null), E.BADARGUMENTS],
    ['the list comes before the node', request('/nowhere', null), E.INVALIDACL],
    ['no node', request('/nowhere'), E.NONODE],
    ['no right', request('/read-only'), E.NOAUTH],
    ['with the right', request('/bobs'), E.OK, bob],
    ['/zookeeper/config, which only super may', request('/zookeeper/config'), E.NOAUTH],
    ['as super', request('/zookeeper/config'), E.OK, { identities: [new Identity('super', '')] }],
  ])('%s', (_what, change, code, asker) => {
    expect(codeOf(OpCode.setACL, change, asker)).toBe(code);
  });
});

test('rights are not asked for where skipACL is set', () => {
  replica = new Replica({ skipAcl: true });
  replica.create('/bobs', 'data', 0, bob, onlyBob);
  expect(codeOf(OpCode.setData, new SetDataRequest('/bobs', null, -1))).toBe(E.OK);
});

test('a check by itself is unimplemented, and nothing unreadable is logged', () => {
  expect(codeOf(OpCode.check, new CheckVersionRequest('/node', 0))).toBe(E.UNIMPLEMENTED);
});

test('a standalone server cannot be reconfigured', () => {
  const request = new ReconfigRequest(null, null, null, -1);
  expect(codeOf(OpCode.reconfig, request, expired)).toBe(E.RECONFIGDISABLED);
  replica = new Replica({ reconfigEnabled: true });
  expect(codeOf(OpCode.reconfig, request, expired)).toBe(E.SESSIONEXPIRED);
  expect(codeOf(OpCode.reconfig, request)).toBe(E.UNIMPLEMENTED);
});

describe('a leader that is asked for another configuration', () => {
  const text = bytes('server.1=h1:1:2:participant\nversion=5')!;
  const request = new ReconfigRequest(null, '3', null, -1);
  const admin = [new Acl(Perms.ALL, 'digest', 'bob:hash')];
  let planned: string[] = [];
  const leading = (answer: Uint8Array | ErrorCode): Replica => {
    planned = [];
    const made = new Replica({
      reconfigEnabled: true,
      reconfigurations: {
        plan: ({ leavingServers }, zxid) => {
          planned.push(`plan ${leavingServers} at ${zxid}`);
          return answer;
        },
        accept: () => void planned.push('accept'),
      },
    });
    made.tree.state.setAcl(made.tree.find('/zookeeper/config'), admin);
    return made;
  };

  test('makes it the data of a node, whose version is none, and proposes it', () => {
    replica = leading(text);
    const txn = replica.prepare(OpCode.reconfig, request, bob);
    expect(txn.header.type).toBe(OpCode.reconfig);
    expect(txn.record).toEqual(new SetDataTxn('/zookeeper/config', text, -1));
    expect(planned).toEqual([`plan 3 at ${txn.header.zxid}`, 'accept']);
    const outcome = replica.applyNext();
    expect([outcome.error, outcome.config]).toEqual([E.OK, text]);
    expect(outcome.stat()).toMatchObject({ version: -1, mzxid: txn.header.zxid, dataLength: text.length });
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });

  test('refuses for its own reasons, and only then for want of a right', () => {
    replica = leading(E.NEWCONFIGNOQUORUM);
    expect(codeOf(OpCode.reconfig, request)).toBe(E.NEWCONFIGNOQUORUM);
    replica = leading(text);
    expect(codeOf(OpCode.reconfig, request, expired)).toBe(E.SESSIONEXPIRED);
    expect(planned).toEqual([]);
    expect(codeOf(OpCode.reconfig, request)).toBe(E.NOAUTH);
    expect(planned).toEqual([expect.stringContaining('plan')]);
  });

  test('does not propose what could not be read back', () => {
    replica = leading(new Uint8Array(2_200_000));
    expect(codeOf(OpCode.reconfig, request, bob)).toBe(E.MARSHALLINGERROR);
    expect(planned).toEqual([expect.stringContaining('plan')]);
  });
});

test('a request that could not be read is a transaction with its error', () => {
  const context = { sessionId: 1n, cxid: 2, zxid: 99 as never, time: 3, identities: [], sessionError: 0 };
  const txn = replica.preparation.prepareError(E.MARSHALLINGERROR, context);
  expect(txn.header.type).toBe(OpCode.error);
  expect(txn.record).toEqual(new ErrorTxn(E.MARSHALLINGERROR));
  expect(txn.digest).toBeUndefined();
});

test('a request that is not of its type is misuse', () => {
  expect(() => replica.prepare(OpCode.closeSession, new CreateSessionTxn(1))).toThrow(TypeError);
  expect(() => replica.prepare(OpCode.create, null)).toThrow(TypeError);
});

describe('what is in flight counts', () => {
  test('a parent created just before is there, one deleted just before is not', () => {
    replica.prepare(OpCode.create, new CreateRequest('/p', null, open(), 0));
    replica.prepare(OpCode.create, new CreateRequest('/p/c', null, open(), 0));
    replica.prepare(OpCode.delete, new DeleteRequest('/p', -1));
    replica.prepare(OpCode.delete, new DeleteRequest('/p/c', -1));
    replica.prepare(OpCode.delete, new DeleteRequest('/p', -1));
    replica.prepare(OpCode.create, new CreateRequest('/p/c', null, open(), 0));
    const codes = Array.from({ length: 6 }, () => replica.applyNext().error);
    expect(codes).toEqual([E.OK, E.OK, E.NOTEMPTY, E.OK, E.OK, E.NONODE]);
    expect(replica.tree.digests.mismatchCount).toBe(0);
  });

  test('versions of data and ACLs go on counting', () => {
    replica.prepare(OpCode.setData, new SetDataRequest('/node', null, 0));
    replica.prepare(OpCode.setData, new SetDataRequest('/node', null, 0));
    replica.prepare(OpCode.setData, new SetDataRequest('/node', null, 1));
    const codes = Array.from({ length: 3 }, () => replica.applyNext().error);
    expect(codes).toEqual([E.OK, E.BADVERSION, E.OK]);
    expect(replica.tree.stat(replica.tree.find('/node')).version).toBe(2);
  });

  test('an ACL set just before decides', () => {
    replica.prepare(OpCode.setACL, new SetACLRequest('/node', readOnly, -1));
    replica.prepare(OpCode.create, new CreateRequest('/node/x', null, open(), 0));
    replica.applyNext();
    expect(replica.applyNext().error).toBe(E.NOAUTH);
  });

  test('nothing is held when all is applied', () => {
    for (let i = 0; i < 3000; i++) {
      replica.prepare(OpCode.setData, new SetDataRequest('/', null, -1));
      if (replica.inFlight.length > 5) replica.applyNext();
      expect(replica.preparation.pendingCount).toBeLessThanOrEqual(6);
    }
    replica.applyAll();
    expect(replica.preparation.pendingCount).toBe(0);
  });
});

describe('a transaction too long to be read back', () => {
  const big = (length: number) => new CreateRequest('/big', new Uint8Array(length), open(), 0);

  test('is refused, and leaves nothing in flight', () => {
    replica = new Replica({ txnBytesMax: 1000 });
    expect(codeOf(OpCode.create, big(2000))).toBe(E.MARSHALLINGERROR);
    expect(codeOf(OpCode.create, big(500))).toBe(E.OK);
  });

  test('is measured, not guessed: one of exactly the longest length passes, one byte more does not', () => {
    replica = new Replica({ txnBytesMax: 1000 });
    replica.do(OpCode.create, big(500));
    const overhead = replica.log[0]!.length - 500;
    replica = new Replica({ txnBytesMax: 1000 });
    expect(codeOf(OpCode.create, big(1001 - overhead))).toBe(E.MARSHALLINGERROR);
    expect(codeOf(OpCode.create, big(1000 - overhead))).toBe(E.OK);
    expect(replica.log[1]!.length).toBe(1000);
  });

  test('may come of a multi of requests that are short one by one', () => {
    replica = new Replica({ txnBytesMax: 1000 });
    const ops = ['/1', '/2', '/3'].map((path) => ({
      type: OpCode.create,
      record: new CreateRequest(path, new Uint8Array(300), open(), 0),
    }));
    expect(codeOf(OpCode.multi, ops)).toBe(E.MARSHALLINGERROR);
    expect(replica.create('/1').error).toBe(E.OK);
  });
});
