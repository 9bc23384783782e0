import { JuteWriter, MAX_BUFFER_DEFAULT } from '@corral/jute';
import { type Acl, encodeTxn, type Txn } from '@corral/protocol';

/**
 * Watches over the length of transactions: one that is longer than what readers of logs and learners believe
 * would be written and never read again (ZOOKEEPER-3496, ZOOKEEPER-4306). Lengths are first estimated from above,
 * which costs next to nothing; only near the limit is the transaction encoded to know.
 */
export class TxnSize {
  readonly #bytesMax: number;
  #estimate = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  begin(): void {
    this.#estimate = FRAME_BYTES;
  }

  /** A part of the transaction: a path, data and a list at most, and some numbers. */
  add(path: string, data: Uint8Array | null, acls: readonly Acl[] | null): void {
    let estimate = PART_BYTES + path.length * 3 + (data === null ? 0 : data.length);
    if (acls !== null) {
      for (const { scheme, id } of acls) estimate += 12 + ((scheme?.length ?? 0) + (id?.length ?? 0)) * 3;
    }
    this.#estimate += estimate;
  }

  isTooLong(txn: Txn): boolean {
    if (this.#estimate <= this.#bytesMax) return false;
    const w = new JuteWriter(MAX_BUFFER_DEFAULT);
    encodeTxn(w, txn);
    return w.length > this.#bytesMax;
  }
}

/** Header, count and digest. */
const FRAME_BYTES = 64;
/** Type and length of a part, lengths of its fields, version and ttl. */
const PART_BYTES = 48;
