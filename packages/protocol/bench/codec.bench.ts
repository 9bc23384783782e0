/**
 * The codec, on the records a busy server meets most. Figures are only worth something side by side, on one machine.
 *
 *     npm run bench packages/protocol
 */
import { FrameSplitter, JuteReader, JuteWriter } from '@corral/jute';
import { test } from 'vitest';
import {
  CreateRequest,
  CreateTxn,
  decodeTxn,
  encodeTxn,
  GetDataRequest,
  GetDataResponse,
  OPEN_ACL_UNSAFE,
  OpCode,
  ReplyHeader,
  RequestHeader,
  SetDataRequest,
  SetDataTxn,
  Stat,
  toZxid,
  Txn,
  TxnDigest,
  TxnHeader,
} from '../src/index.ts';

const path = '/service/instances/i-000123';
const data = new Uint8Array(100).fill(120);
const zxid = toZxid(0x1_0000_0009);
const time = 1_795_167_964_576;

function encoded(record: { write(w: JuteWriter): void }): Uint8Array {
  const w = new JuteWriter();
  record.write(w);
  return w.copy();
}

test('requests', async ({ bench }) => {
  const reader = new JuteReader();
  const header = encoded(new RequestHeader(1, OpCode.getData));
  const getData = encoded(new GetDataRequest(path, false));
  const setData = encoded(new SetDataRequest(path, data, -1));
  const create = encoded(new CreateRequest(path, data, OPEN_ACL_UNSAFE, 0));
  await bench.compare(
    bench('read a header', () => void RequestHeader.read(reader.reset(header))),
    bench('read getData', () => void GetDataRequest.read(reader.reset(getData))),
    bench('read setData of 100 bytes', () => void SetDataRequest.read(reader.reset(setData))),
    bench('read create with an ACL', () => void CreateRequest.read(reader.reset(create))),
  );
});

test('replies', async ({ bench }) => {
  const writer = new JuteWriter(4096);
  const header = new ReplyHeader(1, zxid, 0);
  const stat = new Stat(zxid, zxid, time, time, 3, 0, 0, 0n, 100, 0, zxid);
  const response = new GetDataResponse(data, stat);
  const bytes = encoded(response);
  const reader = new JuteReader();
  await bench.compare(
    bench('write a header', () => header.write(writer.clear())),
    bench('write getData: 100 bytes and Stat', () => response.write(writer.clear())),
    bench('read getData: 100 bytes and Stat', () => void GetDataResponse.read(reader.reset(bytes))),
  );
});

function headerOf(type: number): TxnHeader {
  return new TxnHeader(0x1000010fb340000n, 7, zxid, time, type);
}

test('transactions', async ({ bench }) => {
  const digest = new TxnDigest(2, 0x51c6d660n);
  const setData = new Txn(headerOf(OpCode.setData), new SetDataTxn(path, data, 4), digest);
  const create = new Txn(
    headerOf(OpCode.create),
    new CreateTxn(path, data, OPEN_ACL_UNSAFE, false, 1),
    digest,
  );
  const writer = new JuteWriter(4096);
  encodeTxn(writer, setData);
  const bytes = writer.copy();
  await bench.compare(
    bench('encode setData', () => encodeTxn(writer.clear(), setData)),
    bench('encode create', () => encodeTxn(writer.clear(), create)),
    bench('decode setData', () => void decodeTxn(bytes)),
  );
});

test('frames', async ({ bench }) => {
  const frame = encoded({
    write(w) {
      const length = w.reserveInt();
      new RequestHeader(1, OpCode.getData).write(w);
      new GetDataRequest(path, false).write(w);
      w.patchLength(length);
    },
  });
  const twenty = Buffer.concat(Array.from({ length: 20 }, () => frame));
  const [front, back] = [twenty.subarray(0, 500), twenty.subarray(500)];
  const splitter = new FrameSplitter();
  await bench.compare(
    bench('split a chunk of 20', () => {
      splitter.push(twenty);
      while (splitter.next());
    }),
    bench('split the same, cut in two', () => {
      splitter.push(front);
      while (splitter.next());
      splitter.push(back);
      while (splitter.next());
    }),
  );
});
