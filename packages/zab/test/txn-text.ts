import { JuteWriter } from '@corral/jute';
import {
  decodeTxn,
  encodeTxn,
  ErrorTxn,
  OpCode,
  SetDataTxn,
  Txn,
  TxnHeader,
  type TxnRecord,
  type Zxid,
} from '@corral/protocol';

/**
 * Transactions as words: `x` sets the data of /x, `error` changes nothing, `config ...` proposes that configuration.
 * With `!` before it, the bytes of the word itself, which are no transaction.
 */
export function txnEntry(zxid: Zxid, text: string): Uint8Array {
  if (text.startsWith('!')) return new TextEncoder().encode(text);
  const [type, record] = recordOf(text);
  const w = new JuteWriter();
  encodeTxn(w, new Txn(new TxnHeader(0n, 0, zxid, 0, type), record));
  return w.copy();
}

export function txnText(entry: Uint8Array): string {
  const { header, record } = decodeTxn(entry);
  if (header.type === OpCode.error) return 'error';
  if (!(record instanceof SetDataTxn)) throw new Error(`a transaction of type ${header.type}`);
  return header.type === OpCode.reconfig
    ? new TextDecoder().decode(record.data ?? undefined)
    : record.path.slice(1);
}

function recordOf(text: string): [type: number, record: TxnRecord] {
  if (text === 'error') return [OpCode.error, new ErrorTxn(-5)];
  if (!text.startsWith('config ')) return [OpCode.setData, new SetDataTxn(`/${text}`, null, 0)];
  return [OpCode.reconfig, new SetDataTxn('/zookeeper/config', new TextEncoder().encode(text), -1)];
}
