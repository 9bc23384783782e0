import type { Notification, QuorumVerifier, ServerState } from '@corral/protocol';
import type { Vote } from './vote.ts';

/** What happens to an election. `now` is in monotonic milliseconds. */
export type ElectionInput =
  /** This server looks for a leader from now on (lookForLeader): a new round. Also while it looks already. */
  | {
      readonly kind: 'look';
      readonly now: number;
      /** Whether it is a PARTICIPANT, in its configuration or not yet; otherwise it is an OBSERVER. */
      readonly isParticipant: boolean;
      /** The newest in its log; -1 where its disk is empty and nobody said that this is right (ZOOKEEPER-261). */
      readonly lastZxid: number;
      /** Its `currentEpoch`. */
      readonly epoch: number;
      /** Whom the last reconfiguration named to lead: it is followed without a vote. */
      readonly designatedLeader?: number | undefined;
    }
  /**
   * The leader it settled for leads in a new epoch, and this server has followed it there: what it answers from now on
   * carries that epoch, so that a newcomer finds a quorum of equal answers (QuorumPeer.updateElectionVote, ZOOKEEPER-1732).
   */
  | { readonly kind: 'established'; readonly epoch: number }
  /** A notification arrived. Decoded and bounded, otherwise not believed. `from` is negative for an observer without an id. */
  | {
      readonly kind: 'notification';
      readonly now: number;
      readonly from: number;
      readonly notification: Notification;
    }
  /** Nothing listens where this server is to be dialled: it is down, not merely silent. Its next notification says otherwise. */
  | { readonly kind: 'refused'; readonly sid: number }
  /**
   * The time an output `wake` named has come, or passed. `isDelivered`: all that was to be sent to at least one other
   * server has been taken by the network (QuorumCnxManager.haveDelivered).
   */
  | { readonly kind: 'tick'; readonly now: number; readonly isDelivered: boolean }
  /** The configuration has changed. `lastSeen` is the one that a transaction proposes and none has committed yet. */
  | {
      readonly kind: 'config';
      readonly config: QuorumVerifier;
      readonly lastSeen?: QuorumVerifier | undefined;
    }
  /** The oracle of an ensemble of two has spoken: whether this server may go on alone (QuorumOracleMaj). */
  | { readonly kind: 'oracle'; readonly now: number; readonly isGranted: boolean };

/** What an election wants done, in this order. */
export type ElectionOutput =
  /** Tell one other server. Only the newest to each matters: it replaces what is still unsent. */
  | { readonly kind: 'send'; readonly to: number; readonly notification: Notification }
  /** Dial every voter that is not connected. */
  | { readonly kind: 'connectAll' }
  /** Come back with `tick` at this time. Replaces the time named before. */
  | { readonly kind: 'wake'; readonly at: number }
  /** The round is over: `state` is what this server is now. No `wake` is due any more. */
  | { readonly kind: 'elected'; readonly vote: Vote; readonly state: ServerState }
  /** While this server leads, a voter looks for a leader: it may never come to follow (Leader.reportLookingSid, ZOOKEEPER-3109). */
  | { readonly kind: 'voterLooks'; readonly sid: number }
  /**
   * Somebody has a newer configuration, and this server is looking (ZOOKEEPER-2212). The host adopts it, if it can be read
   * (input `config`), and looks again. The notification itself has not been counted. Not repeated while one version is
   * offered. Only where reconfiguration is enabled.
   */
  | { readonly kind: 'newerConfig'; readonly text: string; readonly version: number; readonly from: number }
  /** For the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string };
