import { DataTree, SnapshotImage } from '@corral/datatree';
import { JuteWriter } from '@corral/jute';
import type { Storage } from '@corral/persistence';
import {
  CreateSessionTxn,
  CreateTxn,
  DeleteTxn,
  encodeTxn,
  OpCode,
  OPEN_ACL_UNSAFE,
  SetDataTxn,
  Txn,
  TxnDigest,
  TxnHeader,
  type TxnRecord,
  type Zxid,
  zxidOf,
} from '@corral/protocol';
import { describeTree, TREE_OPTIONS } from './describe-tree.ts';

/** What a start must find: nothing less, and nothing else. */
export interface DataSet {
  readonly tree: string;
  readonly lastZxid: Zxid;
  readonly epochs: { readonly accepted: number; readonly current: number };
}

/**
 * Fills a storage as a server does, three terms long: a log in several files, a snapshot at the beginning of each term,
 * the epochs. All of it is synced, so all of it is acknowledged. Some 64 KiB.
 */
export async function fill(storage: Storage): Promise<DataSet> {
  const writer = new Writer(storage);
  for (let epoch = 1; epoch <= TERMS; epoch++) {
    await storage.epochs.setAccepted(epoch);
    writer.begin(epoch);
    if (epoch === 1) await writer.snapshot();
    else storage.log.roll();
    for (let i = 0; i < BATCHES; i++) {
      for (const record of recordsOf(epoch, i)) writer.write(record);
      await storage.log.sync();
      // None in the last term: what is replayed goes from one term, and from one file, into the next.
      if (epoch < TERMS && i === BATCHES >> 1) await writer.snapshot();
    }
    await storage.epochs.setCurrent(epoch);
  }
  return {
    tree: describeTree(writer.tree),
    lastZxid: storage.log.lastZxid,
    epochs: { accepted: TERMS, current: TERMS },
  };
}

class Writer {
  readonly tree = new DataTree(TREE_OPTIONS);
  readonly #storage: Storage;
  readonly #w = new JuteWriter();
  #epoch = 0;
  #counter = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  begin(epoch: number): void {
    this.#epoch = epoch;
    this.#counter = 0;
  }

  write(record: TxnRecord): void {
    const zxid = zxidOf(this.#epoch, ++this.#counter);
    const txn = new Txn(new TxnHeader(SESSION, this.#counter, zxid, BEGUN_MS + zxid, typeOf(record)), record);
    this.tree.apply(txn, undefined);
    txn.digest = new TxnDigest(DIGEST_VERSION, this.tree.digest);
    this.#w.clear();
    encodeTxn(this.#w, txn);
    this.#storage.log.append(zxid, this.#w.bytes());
  }

  async snapshot(): Promise<void> {
    this.#storage.log.roll();
    const image = new SnapshotImage(this.tree);
    const sink = await this.#storage.snapshots.create(image.zxid);
    for (let chunk = image.next(CHUNK_BYTES); chunk !== undefined; chunk = image.next(CHUNK_BYTES))
      await sink.write(chunk);
    await sink.commit({ digest: image.digest, lastProcessedZxid: image.zxid });
  }
}

function recordsOf(epoch: number, batch: number): TxnRecord[] {
  const name = `/${epoch}-${batch}`;
  const records: TxnRecord[] = [
    new CreateTxn(name, data(90 + batch), OPEN_ACL_UNSAFE, false, batch + 1),
    new SetDataTxn(name, data(40 + epoch), 1),
    new CreateTxn(`${name}/child`, data(8), OPEN_ACL_UNSAFE, epoch === TERMS && batch % 2 === 0, 1),
  ];
  if (batch === 0 && epoch === 1) records.unshift(new CreateSessionTxn(30_000));
  if (batch % 3 === 2) records.push(new DeleteTxn(`${name}/child`));
  return records;
}

function typeOf(record: TxnRecord): number {
  if (record instanceof CreateTxn) return OpCode.create;
  if (record instanceof SetDataTxn) return OpCode.setData;
  if (record instanceof DeleteTxn) return OpCode.delete;
  return OpCode.createSession;
}

function data(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
}

const TERMS = 3;
const BATCHES = 24;
const SESSION = 0x0100_0000_0000_0001n;
const BEGUN_MS = 1_700_000_000_000;
const DIGEST_VERSION = 2;
const CHUNK_BYTES = 4096;
