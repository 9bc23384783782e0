import { type DeleteTxn, MultiTxn, OpCode, type Txn } from '@corral/protocol';
import type { CommittedTransaction } from '../checker/committed.ts';

/** A transaction as the history checker wants to know it; undefined where it touches no node. */
export function committedTransaction({ header, record }: Txn): CommittedTransaction | undefined {
  const { zxid, type, clientId: session, cxid: xid } = header;
  switch (type) {
    case OpCode.createSession:
      return undefined;
    case OpCode.closeSession:
      return { zxid, session, xid, kind: 'sessionEnd' };
    case OpCode.deleteContainer:
      return { zxid, session: 0n, xid, kind: 'removal', path: (record as DeleteTxn).path };
    default:
      return { zxid, session, xid, kind: hasFailed(type, record) ? 'failure' : 'request' };
  }
}

function hasFailed(type: number, record: Txn['record']): boolean {
  if (record instanceof MultiTxn) return record.txns.some((part) => part.type === OpCode.error);
  return type === OpCode.error;
}
