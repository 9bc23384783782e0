import { JuteError } from '@corral/jute';
import {
  counterOf,
  decodeTxn,
  EPOCH_MAX,
  epochOf,
  OpCode,
  ProtocolError,
  SetDataTxn,
  type Txn,
  type Zxid,
  zxidToHex,
} from '@corral/protocol';
import { Refusal } from './refusal.ts';

/** A transaction that a leader proposed, or informs an observer of. */
export class Proposal {
  readonly zxid: Zxid;
  readonly entry: Uint8Array;
  readonly txn: Txn;
  /** How it stands to what came before; set by `LearnerHistory`. */
  standing: Standing;

  constructor(zxid: Zxid, entry: Uint8Array, txn: Txn) {
    this.zxid = zxid;
    this.entry = entry;
    this.txn = txn;
    this.standing = 'next';
  }

  get isError(): boolean {
    return this.txn.header.type === OpCode.error;
  }

  get isReconfig(): boolean {
    return this.txn.header.type === OpCode.reconfig;
  }

  /** The text of the configuration that a reconfiguration proposes. */
  get configText(): Uint8Array {
    const { record } = this.txn;
    const text = this.isReconfig && record instanceof SetDataTxn ? record.data : null;
    if (text === null) throw new Refusal(`transaction ${hex(this.zxid)} holds no configuration`);
    return text;
  }
}

/**
 * `repeat`: an error under the zxid before it, which Apache's leaders propose for a request they cannot read; it is
 * acknowledged like any other but stands in no log. `covered`: the snapshot the leader sent holds it.
 */
export type Standing = 'next' | 'repeat' | 'covered';

/** Everything of it is believed only here: what passes can be logged and applied. */
export function readProposal(zxid: number, entry: Uint8Array | null): Proposal {
  const checked = requireZxid(zxid);
  if (entry === null) throw new Refusal(`transaction ${hex(checked)} is empty`);
  const txn = decode(checked, entry);
  if (txn.header.zxid !== checked)
    throw new Refusal(`transaction ${hex(checked)} says it is ${hex(txn.header.zxid)}`);
  return new Proposal(checked, entry, txn);
}

export function requireZxid(zxid: number): Zxid {
  if (!Number.isSafeInteger(zxid) || zxid < 0 || epochOf(zxid as Zxid) > EPOCH_MAX) {
    throw new Refusal(`${zxid} is no zxid`);
  }
  return zxid as Zxid;
}

/** The epoch that a zxid without counter stands for. */
export function requireEpochZxid(zxid: number): number {
  const checked = requireZxid(zxid);
  if (counterOf(checked) !== 0) throw new Refusal(`${hex(checked)} begins no epoch`);
  return epochOf(checked);
}

export function hex(zxid: Zxid): string {
  return `0x${zxidToHex(zxid)}`;
}

function decode(zxid: Zxid, entry: Uint8Array): Txn {
  try {
    return decodeTxn(entry);
  } catch (error) {
    if (!(error instanceof JuteError || error instanceof ProtocolError)) throw error;
    throw new Refusal(`transaction ${hex(zxid)} cannot be read: ${error.message}`);
  }
}
