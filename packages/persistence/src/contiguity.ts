import { counterOf, epochOf, zxidToHex, type Zxid } from '@corral/protocol';
import { PersistenceError } from './error.ts';
import type { LogEntry } from './txn-log.ts';

/**
 * Whether `next` may follow `previous` in a log from which nothing is missing:
 *
 * - within an epoch the next zxid is one higher: every transaction is logged, failed ones too, and a zxid is only
 *   ever spent on a transaction;
 * - a leader begins its epoch with counter 1, so an entry of a higher epoch has counter 1. Epochs may be skipped:
 *   one in which nothing was proposed leaves nothing. Counter 0 may stand before it: the error that Apache 3.9 logs
 *   for a request it cannot read, under the zxid before it, when nothing was proposed yet;
 * - a standalone server, and Apache's alone, counts on over the end of the counter into the next epoch: one higher too.
 *
 * A snapshot stands for everything up to the zxid in its name, so the check begins there: the first entry above it
 * must follow it. That covers the only gaps of sound logs: a learner that was brought up to date by SNAP or TRUNC
 * applies what the leader sends next without logging it, and takes a snapshot instead (Java: Learner.syncWithLeader).
 * The entries between the end of its log and that snapshot are in no file; the gap may stand in the middle of one.
 * With an older snapshot in the newer one's place they are missing indeed, and the check says so.
 *
 * Repeated entries, which sound logs can hold, never come this far: `TxnLog.read` hands out each entry once.
 */
export function isContiguous(previous: Zxid, next: Zxid): boolean {
  return next === previous + 1 || (epochOf(next) > epochOf(previous) && counterOf(next) <= 1);
}

/** {@link isContiguous} for the entries of a replay, one after the other. */
export class ContiguityCheck {
  #last: Zxid;

  /** @param after the zxid of the snapshot that was loaded; 0 where the tree began empty */
  constructor(after: Zxid) {
    this.#last = after;
  }

  /** The zxid of the last entry that passed. */
  get last(): Zxid {
    return this.#last;
  }

  /** @throws PersistenceError `DAMAGED` where entries are missing before this one */
  pass(entry: LogEntry): void {
    if (!isContiguous(this.#last, entry.zxid)) {
      const message = `transactions between ${zxidToHex(this.#last)} and ${zxidToHex(entry.zxid)} are missing`;
      throw new PersistenceError('DAMAGED', message, entry);
    }
    this.#last = entry.zxid;
  }
}
