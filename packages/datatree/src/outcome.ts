import { JuteReader, type JuteWriter } from '@corral/jute';
import { Stat } from '@corral/protocol';
import { bytesAt, type NodeId, STAT_BYTES } from './node-record.ts';
import type { NodeStore } from './node-store.ts';

/** What applying one transaction, or one part of a multi, came to. Enough to write the reply from. */
export class Outcome {
  /** The type of the transaction: an `OpCode`, or -1 where it is an error. */
  type = 0;
  /** An `ErrorCode`, 0 where all is well. */
  error = 0;
  path: string | null = null;
  /** Whether `writeStat` and `stat` have something to give: create2 and its like, setData, setACL. */
  hasStat = false;
  /** Of a multi, one per part. */
  results: readonly Outcome[] | undefined = undefined;
  readonly #stat: Uint8Array = new Uint8Array(STAT_BYTES);

  /** The node's Stat as it was when this transaction had been applied, 68 bytes. */
  writeStat(w: JuteWriter): void {
    w.writeRange(this.#stat, 0, STAT_BYTES);
  }

  stat(): Stat {
    return Stat.read(new JuteReader(this.#stat));
  }

  /** For the tree: begins anew. */
  begin(type: number): void {
    this.type = type;
    this.error = 0;
    this.path = null;
    this.hasStat = false;
    this.results = undefined;
  }

  /** For the tree: keeps the Stat as it is now. */
  keepStat(store: NodeStore, node: NodeId): void {
    const { bytes } = store.segment(node);
    const from = bytesAt(node);
    for (let i = 0; i < STAT_BYTES; i++) this.#stat[i] = bytes[from + i]!;
    this.hasStat = true;
  }
}
