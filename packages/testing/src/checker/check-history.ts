import type { HistoryRecord } from '../history.ts';
import { ChangeLog } from './change-log.ts';
import type { CommittedTransaction } from './committed.ts';
import { HistoryIndex } from './history-index.ts';
import { Replay } from './replay.ts';
import { checkSessions } from './session-rules.ts';
import { checkSyncs, type SyncMode } from './sync-rules.ts';
import { type HistoryViolation, Violations } from './violation.ts';
import { checkWatches, recursivePaths } from './watch-rules.ts';
import { checkWriteOrder } from './write-order.ts';

export interface CheckOptions {
  /** What the servers promise of sync. */
  readonly sync?: SyncMode;
  /**
   * By how much a session may seem to have ended early: of a server alone one tick; in an ensemble as long as a member
   * may answer that has lost its leader (syncLimit ticks and one more). In milliseconds.
   */
  readonly expirySlackMs?: number;
  /**
   * Apache's leader checks a write against the ACL that the node had before, as long as it has not applied the change of
   * it or a later write of the node is under way (`PrepRequestProcessor` copies the old list into each
   * `ChangeRecord`). Milliseconds from the answer of such a write until its leader has surely applied it; without it
   * an ACL decides about every write behind it.
   */
  readonly aclSlackMs?: number;
  /**
   * All transactions that the servers committed, in any order, from whoever can look into them: what became of requests
   * without an answer, and what servers did by themselves, is known then, and nothing has to be guessed.
   */
  readonly committed?: readonly CommittedTransaction[];
  /**
   * Is told, in a sentence, of what does not fit where the search for an explanation came to its bounds: no violation is
   * reported then. Rare, also where very many answers are lost.
   */
  readonly onUndecided?: (text: string) => void;
}

/**
 * Whether what clients saw can have come from a ZooKeeper that keeps its promises; empty where it can. Black box: unless
 * it is told what was committed, it looks at nothing but the history, whose records stand in the order of their arrival.
 * Sorts and single passes.
 */
export function checkHistory(
  records: readonly HistoryRecord[],
  options: CheckOptions = {},
): HistoryViolation[] {
  const { sync = 'compatible', expirySlackMs = 0, aclSlackMs } = options;
  const violations = new Violations();
  const index = new HistoryIndex(records, options.committed);
  checkSessions(index, violations, expirySlackMs);
  const replay = new Replay(index, expirySlackMs, aclSlackMs);
  replay.run(violations);
  for (const text of replay.undecided) options.onUndecided?.(text);
  const { tree, placed, guessed, explanations } = replay;
  checkWriteOrder(index, placed, violations);
  checkSyncs(index, sync, violations);
  const changes = new ChangeLog(recursivePaths(records), tree.changes, guessed, (path, zxid) =>
    explanations.isAclKnown(path, zxid),
  );
  checkWatches(index, changes, explanations, violations);
  return violations.list;
}
