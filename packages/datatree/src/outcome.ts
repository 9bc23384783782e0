import type { JuteWriter } from '@corral/jute';
import type { Stat } from '@corral/protocol';

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

  /** The node's Stat as it was when this transaction had been applied, 68 bytes. */
  writeStat(_w: JuteWriter): void {
    throw new Error('unwritten');
  }

  stat(): Stat {
    throw new Error('unwritten');
  }
}
