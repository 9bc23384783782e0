/**
 * The tree with 100,000 nodes, on what a busy server asks of it. Figures are only worth something side by side, on
 * one machine.
 *
 *     npm run bench packages/datatree
 */
import { JuteReader, JuteWriter } from '@corral/jute';
import {
  CreateRequest,
  DeleteRequest,
  encodeTxn,
  type Identity,
  OPEN_ACL_UNSAFE,
  OpCode,
  SetDataRequest,
  toZxid,
} from '@corral/protocol';
import { test } from 'vitest';
import {
  authProviders,
  DataTree,
  NOT_SWIFT,
  type PreparableRequest,
  Preparation,
  Watches,
} from '../src/index.ts';

const NODES = 100_000;
const data = new Uint8Array(100).fill(120);
const identities: readonly Identity[] = [];
const paths = Array.from({ length: NODES }, (_, number) => `/bench/k${String(number).padStart(6, '0')}`);

const tree = new DataTree({
  digestEnabled: true,
  extendedTypesEnabled: false,
  emulate353TTLNodes: false,
  hashSeed: [1, 2],
});
const preparation = new Preparation(tree, {
  skipAcl: false,
  enforceQuota: false,
  closeSessionTxnEnabled: true,
  reconfigEnabled: false,
  txnBytesMax: 2_097_150,
  providers: authProviders(),
});
let zxid = 0;
const entry = new JuteWriter(4096);
const reader = new JuteReader();
const requests = paths.map((path) => {
  new SetDataRequest(path, data, -1).write(entry.clear());
  return entry.copy();
});

/** The road of a write without its log: prepared, encoded, applied, forgotten. */
function write(type: number, request: PreparableRequest, watches?: Watches<object>): void {
  zxid++;
  const context = { sessionId: 1n, cxid: zxid, zxid: toZxid(zxid), time: zxid, identities, sessionError: 0 };
  const txn = preparation.prepare(type, request, context);
  encodeTxn(entry.clear(), txn);
  tree.apply(txn, watches);
  preparation.committed(context.zxid);
}

/** The same of an ordinary write, from the bytes of the request to those of the entry. */
function writeSwiftly(type: number, body: Uint8Array): void {
  zxid++;
  const context = { sessionId: 1n, cxid: zxid, zxid: toZxid(zxid), time: zxid, identities, sessionError: 0 };
  const ticket = preparation.prepareSwift(type, body, 0, body.length, context, entry.clear());
  if (ticket === NOT_SWIFT) throw new Error('not an ordinary write');
  preparation.applySwift(type, ticket, undefined);
  preparation.committed(context.zxid);
}

function create(path: string): void {
  write(OpCode.create, new CreateRequest(path, data, OPEN_ACL_UNSAFE, 0));
}

create('/bench');
for (const path of paths) create(path);

let turn = 0;
/** One far from the one before. */
function anyNumber(): number {
  turn = (turn + 61_681) % NODES;
  return turn;
}

function anyPath(): string {
  return paths[anyNumber()]!;
}

test('reads', async ({ bench }) => {
  const writer = new JuteWriter(4096);
  await bench.compare(
    bench('find a node', () => void tree.find(anyPath())),
    bench('find a node and write data and Stat', () => {
      const node = tree.find(anyPath());
      tree.writeData(node, writer.clear());
      tree.writeStat(node, writer);
    }),
    bench('write 100,000 children', () => tree.writeChildren(tree.find('/bench'), writer.clear())),
  );
});

test('writes', async ({ bench }) => {
  await bench.compare(
    bench('set 100 bytes, decoded', () =>
      write(OpCode.setData, SetDataRequest.read(reader.reset(requests[anyNumber()]!)))),
    bench('set 100 bytes, from bytes to bytes', () => writeSwiftly(OpCode.setData, requests[anyNumber()]!)),
    bench('create and delete', () => {
      create('/bench/new');
      write(OpCode.delete, new DeleteRequest('/bench/new', -1));
    }),
  );
});

test('watches', async ({ bench }) => {
  const connections = Array.from({ length: 500 }, () => ({}));
  const path = paths[0]!;
  const watches = new Watches<object>(() => {});
  await bench('set a node that 500 connections watch', () => {
    for (const connection of connections) watches.add(connection, path, 'data');
    write(OpCode.setData, new SetDataRequest(path, data, -1), watches);
  }).run();
});
