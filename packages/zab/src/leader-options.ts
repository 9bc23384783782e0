import type { QuorumVerifier, Zxid } from '@corral/protocol';
import type { CommittedLog } from './committed-log.ts';

export interface LeaderOptions {
  readonly sid: number;
  /** The configuration in force. */
  readonly config: QuorumVerifier;
  /** The newest one seen, where it is newer: proposed, or come with a NEWLEADER, and never known to be agreed upon. */
  readonly lastSeenConfig?: QuorumVerifier | undefined;
  /** The same members under another version: a first configuration gets the zxid of the NEWLEADER that brings it. */
  readonly withVersion: (config: QuorumVerifier, version: Zxid) => QuorumVerifier;
  /** Whether this server may lead under a configuration: a voter, at the address it has now. Default: a voter. */
  readonly mayLead?: ((config: QuorumVerifier) => boolean) | undefined;
  /** Whether configurations become active at all. Default false. */
  readonly reconfigEnabled?: boolean;
  /** As the files say. */
  readonly acceptedEpoch: number;
  readonly currentEpoch: number;
  /**
   * Where the tree stands: everything logged is durable, applied, and in `committedLog`. Above the end of the log only
   * where the tree came by a snapshot, or led an epoch without a transaction.
   */
  readonly lastZxid: Zxid;
  readonly committedLog: CommittedLog;
  readonly tickMs: number;
  /** In ticks: for agreeing on an epoch, for each answer of a learner that synchronises. */
  readonly initLimit: number;
  /** In ticks: for each answer of a learner that is synchronised. */
  readonly syncLimit: number;
  /** Default false. */
  readonly forceSnapshotSync?: boolean;
  /** Whether the log on disk may serve; false where `snapshotSizeFactor` is negative. Default true. */
  readonly txnLogSyncEnabled?: boolean;
  /** For observers; voters always may. Default 10. */
  readonly maxConcurrentSnapSyncs?: number;
  /** Default 100. */
  readonly maxConcurrentDiffSyncs?: number;
  /** The counter of the epoch's first zxid, less one: for tests (`zookeeper.testingonly.initialZxid`). Default 0. */
  readonly initialCounter?: number;
  /** Whether a sync makes sure, by a round trip with a quorum, that this server still leads. Default false, as Apache. */
  readonly linearizableSync?: boolean;
}
