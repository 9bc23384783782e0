import { JuteReader, type JuteWriter } from '@corral/jute';
import { MultiTxn } from './multi-txn.ts';
import { OpCode } from './op-code.ts';
import { ProtocolError } from './protocol-error.ts';
import {
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  DeleteTxn,
  ErrorTxn,
  SetACLTxn,
  SetDataTxn,
  TxnDigest,
  TxnHeader,
} from './txn-records.ts';

/** What a transaction does; which class it is follows from `header.type`. */
export type TxnRecord =
  | CreateTxn
  | CreateContainerTxn
  | CreateTTLTxn
  | DeleteTxn
  | SetDataTxn
  | SetACLTxn
  | CreateSessionTxn
  | CloseSessionTxn
  | ErrorTxn
  | MultiTxn;

/** A change in the one history: what the log holds and proposals carry. */
export class Txn {
  header: TxnHeader;
  /** Null only for a closeSession written without the list of nodes it deletes (before 3.6, or switched off). */
  record: TxnRecord | null;
  /** The tree digest after this transaction, where the writer computes digests (3.6). */
  digest: TxnDigest | undefined;

  constructor(header: TxnHeader, record: TxnRecord | null, digest?: TxnDigest) {
    this.header = header;
    this.record = record;
    this.digest = digest;
  }
}

/** Writes the bytes of one entry of the log: header, record, digest. */
export function encodeTxn(w: JuteWriter, txn: Txn): void {
  txn.header.write(w);
  txn.record?.write(w);
  txn.digest?.write(w);
}

/** Reads an entry of the log. Data of the record is a view of `bytes`. */
export function decodeTxn(bytes: Uint8Array): Txn {
  return readTxn(new JuteReader(bytes, bytes.length));
}

/**
 * Reads an entry of the log that ends where the reader ends (SerializeUtils.deserializeTxn).
 *
 * @throws JuteError where the bytes are cut short, run on behind the digest or hold a zxid out of range
 * @throws ProtocolError `UNKNOWN_OP` for a type no log may hold
 */
export function readTxn(r: JuteReader): Txn {
  const header = TxnHeader.read(r);
  const record = readRecord(r, header.type);
  const digest = r.remaining === 0 ? undefined : TxnDigest.read(r);
  r.expectEnd();
  return new Txn(header, record, digest);
}

function readRecord(r: JuteReader, type: number): TxnRecord | null {
  switch (type) {
    case OpCode.create:
      return CreateTxn.readAnyVersion(r);
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
    case OpCode.reconfig:
      return SetDataTxn.read(r);
    case OpCode.setACL:
      return SetACLTxn.read(r);
    case OpCode.createSession:
      return CreateSessionTxn.read(r);
    case OpCode.closeSession:
      return readCloseSession(r);
    case OpCode.error:
      return ErrorTxn.read(r);
    case OpCode.multi:
      return MultiTxn.read(r);
    default:
      throw new ProtocolError('UNKNOWN_OP', r.offset, `a transaction of type ${type}`);
  }
}

/**
 * A closeSession may have no body: nothing follows then, or the digest alone. The digest's twelve bytes begin with
 * its version 2, and a list of two paths never fits in twelve bytes, so the two cannot be taken for each other.
 */
function readCloseSession(r: JuteReader): CloseSessionTxn | null {
  if (r.remaining === 0) return null;
  if (r.remaining === DIGEST_BYTES && r.peekInt() === DIGEST_VERSION) return null;
  return CloseSessionTxn.read(r);
}

const DIGEST_BYTES = 12;
const DIGEST_VERSION = 2;
