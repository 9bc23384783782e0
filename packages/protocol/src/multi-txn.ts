import type { JuteReader, JuteWriter } from '@corral/jute';
import { OpCode } from './op-code.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  CheckVersionTxn,
  CreateContainerTxn,
  CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  ErrorTxn,
  SetDataTxn,
} from './txn-records.ts';

export type SubTxnRecord =
  | CreateTxn
  | CreateContainerTxn
  | CreateTTLTxn
  | DeleteTxn
  | SetDataTxn
  | CheckVersionTxn
  | ErrorTxn;

/** One part of a multi (`Txn` in zookeeper.jute); on the wire the record lies in a buffer of its own. */
export class SubTxn {
  type: number;
  record: SubTxnRecord;

  constructor(type: number, record: SubTxnRecord) {
    this.type = type;
    this.record = record;
  }
}

/**
 * Several changes that happen together or not at all. Where one part is an error, none happened: those before it
 * keep the records they were prepared with, and apply must skip them.
 */
export class MultiTxn {
  txns: readonly SubTxn[];

  constructor(txns: readonly SubTxn[]) {
    this.txns = txns;
  }

  static read(r: JuteReader): MultiTxn {
    const at = r.offset;
    const count = r.readCount(SUB_TXN_BYTES_MIN);
    if (count < 0) throw new ProtocolError('MISSING', at, 'a multi transaction without its list');
    const txns: SubTxn[] = [];
    for (let i = 0; i < count; i++) txns.push(readSubTxn(r));
    return new MultiTxn(txns);
  }

  write(w: JuteWriter): void {
    w.writeInt(this.txns.length);
    for (const txn of this.txns) {
      w.writeInt(txn.type);
      const length = w.reserveInt();
      txn.record.write(w);
      w.patchLength(length);
    }
  }
}

/** The nested buffer bounds what its record may read; bytes it leaves unread are passed over, as in Java. */
function readSubTxn(r: JuteReader): SubTxn {
  const at = r.offset;
  const type = r.readInt();
  const length = r.readLength();
  if (length < 0) throw new ProtocolError('MISSING', at, 'a part of a multi transaction without its record');
  const end = r.end;
  const recordEnd = r.offset + length;
  r.reset(r.bytes, r.offset, recordEnd);
  const txn = new SubTxn(type, readRecord(r, type, at));
  r.reset(r.bytes, recordEnd, end);
  return txn;
}

function readRecord(r: JuteReader, type: number, at: number): SubTxnRecord {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return CreateTxn.read(r);
    case OpCode.createTTL:
      return CreateTTLTxn.read(r);
    case OpCode.createContainer:
      return CreateContainerTxn.read(r);
    case OpCode.delete:
    case OpCode.deleteContainer:
      return DeleteTxn.read(r);
    case OpCode.setData:
      return SetDataTxn.read(r);
    case OpCode.check:
      return CheckVersionTxn.read(r);
    case OpCode.error:
      return ErrorTxn.read(r);
    default:
      throw new ProtocolError('UNKNOWN_OP', at, `a part of type ${type} in a multi transaction`);
  }
}

const SUB_TXN_BYTES_MIN = 8;
