import { DataTree } from '@corral/datatree';
import { JuteError, JuteWriter } from '@corral/jute';
import {
  CheckVersionTxn,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  decodeTxn,
  DeleteTxn,
  encodeTxn,
  ErrorTxn,
  MultiTxn,
  OpCode,
  ProtocolError,
  SetACLTxn,
  SetDataTxn,
  SubTxn,
  type SubTxnRecord,
  Txn,
  TxnDigest,
  TxnHeader,
  type TxnRecord,
  type Zxid,
  zxidOf,
} from '@corral/protocol';
import type { Dice } from '../dice.ts';
import { acls, data, path } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';
import { TREE_OPTIONS } from './tree-options.ts';

/** Entries of the log, as they come from a disk or a leader, and what they do to a tree. */
export const transactions: Target = {
  name: 'transactions',
  valid: (dice) => bytesOf(transaction(dice)),
  read(bytes) {
    const txn = decodeTxn(bytes);
    const again = bytesOf(decodeTxn(bytesOf(txn)));
    if (Buffer.compare(again, bytesOf(txn)) !== 0) throw new Error('it is another when written and read');
    tree().apply(txn, undefined);
  },
  refusals: [JuteError, ProtocolError],
  memoryMax: TWO_FRAMES,
  weight: 200,
};

/** A small sound entry. */
export function entry(zxid: Zxid): Uint8Array {
  const record = new CreateTxn(`/n${zxid}`, null, [], false, 1);
  return bytesOf(new Txn(new TxnHeader(1n, 1, zxid, 1, OpCode.create), record));
}

/** One tree for many, as a server has it; a new one before it grows large. */
function tree(): DataTree {
  if (shared === undefined || shared.nodeCount > NODES_MAX) shared = new DataTree(TREE_OPTIONS);
  return shared;
}

let shared: DataTree | undefined;
const NODES_MAX = 300;

function bytesOf(txn: Txn): Uint8Array {
  const w = new JuteWriter();
  encodeTxn(w, txn);
  return w.copy();
}

function transaction(dice: Dice): Txn {
  const [type, record] = dice.pick(dice.once(6) ? [multi] : RECORDS)(dice);
  const session = dice.pick([1n, 2n, 0n, dice.long()]);
  const header = new TxnHeader(session, dice.below(9), zxidOf(1, dice.below(1000)), dice.below(1e9), type);
  return new Txn(header, record, dice.once(2) ? undefined : new TxnDigest(2, dice.long()));
}

type Kind = (dice: Dice) => readonly [type: number, record: TxnRecord | null];

const RECORDS: readonly Kind[] = [
  (d) => [
    d.pick([OpCode.create, OpCode.create2]),
    new CreateTxn(path(d) ?? '/x', data(d), acls(d), d.once(3), d.pick([-1, 1, d.int()])),
  ],
  (d) => [OpCode.createContainer, new CreateContainerTxn(path(d) ?? '/x', data(d), acls(d), 1)],
  (d) => [
    OpCode.createTTL,
    new CreateTTLTxn(path(d) ?? '/x', data(d), acls(d), 1, d.pick([1, 1000, 2 ** 40])),
  ],
  (d) => [OpCode.delete, new DeleteTxn(path(d) ?? '/x')],
  (d) => [OpCode.setData, new SetDataTxn(path(d) ?? '/x', data(d), d.pick([1, d.int()]))],
  (d) => [OpCode.setACL, new SetACLTxn(path(d) ?? '/x', acls(d), d.pick([1, d.int()]))],
  (d) => [OpCode.createSession, new CreateSessionTxn(d.int())],
  (d) => [OpCode.closeSession, d.once(2) ? null : new CloseSessionTxn([path(d) ?? '/x'])],
  (d) => [OpCode.error, new ErrorTxn(d.int())],
  (d) => [OpCode.check, new CheckVersionTxn(path(d) ?? '/x', 1)],
];

function multi(dice: Dice): readonly [number, TxnRecord] {
  const parts = Array.from({ length: dice.length(5) }, () => {
    const [type, record] = dice.pick(RECORDS.filter((_, i) => i < 6))(dice);
    return new SubTxn(type, record as SubTxnRecord);
  });
  return [OpCode.multi, new MultiTxn(parts)];
}
