import {
  type CloseSessionTxn,
  CreateRequest,
  DeleteRequest,
  decodeTxn,
  OpCode,
  SetDataRequest,
} from '@corral/protocol';
import { expect, test } from 'vitest';
import { open, Replica } from '../test/replica.ts';

test('closing a session deletes its ephemeral nodes, in the order the transaction names them', () => {
  const replica = new Replica();
  replica.openSession(5n);
  replica.create('/p');
  for (const name of ['c', 'a', 'b']) replica.create(`/p/${name}`, null, 1, { sessionId: 5n });
  replica.create('/p/stays', null, 1, { sessionId: 6n });
  replica.closeSession(5n);
  const { record } = decodeTxn(replica.log.at(-1)!);
  expect((record as CloseSessionTxn).paths2Delete).toEqual(['/p/c', '/p/a', '/p/b']);
  expect(replica.tree.children(replica.tree.find('/p'))).toEqual(['stays']);
  expect(replica.tree.pzxid(replica.tree.find('/p'))).toBe(replica.tree.lastProcessedZxid);
  expect(replica.tree.sessions.has(5n)).toBe(false);
  expect(replica.tree.ephemeralOwners()).toEqual([6n]);
  expect(replica.tree.ephemerals(6n)).toEqual(['/p/stays']);
  expect(replica.tree.digests.mismatchCount).toBe(0);
});

test('what is in flight counts: nodes about to come go too, nodes about to go are not named', () => {
  const replica = new Replica();
  replica.create('/old', null, 1);
  replica.prepare(OpCode.create, new CreateRequest('/new', null, open(), 1));
  replica.prepare(OpCode.delete, new DeleteRequest('/old', -1));
  replica.prepare(OpCode.closeSession, null);
  replica.applyAll();
  const { record } = decodeTxn(replica.log.at(-1)!);
  expect((record as CloseSessionTxn).paths2Delete).toEqual(['/new']);
  expect(replica.tree.find('/new')).toBe(0);
  expect(replica.tree.digests.mismatchCount).toBe(0);
});

test("a path that was another session's, or is no node's any more, is not named", () => {
  const replica = new Replica();
  const one = { sessionId: 1n };
  const two = { sessionId: 2n };
  const ephemeral = (path: string) => new CreateRequest(path, null, open(), 1);
  for (const path of ['/a', '/b', '/c']) replica.create(path, null, 1, one);
  replica.prepare(OpCode.delete, new DeleteRequest('/a', -1), one);
  replica.prepare(OpCode.create, ephemeral('/a'), two);
  replica.prepare(OpCode.delete, new DeleteRequest('/b', -1), one);
  replica.prepare(OpCode.create, ephemeral('/b'), two);
  replica.prepare(OpCode.delete, new DeleteRequest('/b', -1), two);
  replica.prepare(OpCode.create, ephemeral('/b'), one);
  replica.prepare(OpCode.create, ephemeral('/d'), one);
  replica.prepare(OpCode.setData, new SetDataRequest('/d', null, -1), one);
  replica.prepare(OpCode.delete, new DeleteRequest('/d', -1), one);
  replica.prepare(OpCode.closeSession, null, one);
  replica.prepare(OpCode.closeSession, null, two);
  replica.applyAll();
  const [ofOne, ofTwo] = replica.log.slice(-2).map((entry) => decodeTxn(entry).record as CloseSessionTxn);
  expect(ofOne!.paths2Delete).toEqual(['/b', '/c']);
  expect(ofTwo!.paths2Delete).toEqual(['/a']);
  expect(replica.tree.ephemeralCount).toBe(0);
  expect(replica.tree.digests.mismatchCount).toBe(0);
});

test('a parent whose only children go with the session can be deleted right behind', () => {
  const replica = new Replica();
  replica.create('/p');
  replica.create('/p/e', null, 1);
  replica.prepare(OpCode.closeSession, null);
  replica.prepare(OpCode.delete, new DeleteRequest('/p', -1), { sessionId: 9n });
  replica.applyAll();
  expect(replica.tree.find('/p')).toBe(0);
});

test('a session without ephemeral nodes is closed with an empty list', () => {
  const replica = new Replica();
  replica.openSession(5n);
  replica.closeSession(5n);
  expect((decodeTxn(replica.log.at(-1)!).record as CloseSessionTxn).paths2Delete).toEqual([]);
});

test('a list too long to be read back is left out, and every replica deletes what the session owns', () => {
  const replica = new Replica({ txnBytesMax: 2000 });
  for (let i = 0; i < 100; i++) replica.create(`/an-ephemeral-node-with-a-long-name-${i}`, null, 1);
  replica.closeSession(1n);
  const last = replica.log.at(-1)!;
  expect(last.length).toBeLessThan(100);
  expect(decodeTxn(last).record).toBeNull();
  expect(decodeTxn(last).digest).toBeUndefined();
  expect(replica.tree.ephemeralCount).toBe(0);
  replica.create('/next');
  expect(replica.tree.digests.mismatchCount).toBe(0);
});

test('the list can be switched off', () => {
  const replica = new Replica({ closeSessionTxnEnabled: false });
  replica.create('/e', null, 1);
  replica.closeSession(1n);
  expect(decodeTxn(replica.log.at(-1)!).record).toBeNull();
  expect(replica.tree.find('/e')).toBe(0);
});
