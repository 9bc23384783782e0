import type { Notification, QuorumVerifier, ServerState } from '@corral/protocol';
import type { Vote } from './vote.ts';

/** What happens to an election. `now` is in monotonic milliseconds. */
export type ElectionInput =
  /**
   * This server looks for a leader from now on (lookForLeader): a new round. `lastZxid` is the newest in its log, `epoch` its
   * `currentEpoch`; `designatedLeader` is whom the last reconfiguration named to lead, if it did.
   */
  | {
      readonly kind: 'look';
      readonly now: number;
      readonly lastZxid: number;
      readonly epoch: number;
      readonly designatedLeader?: number;
    }
  /** The server has settled: FOLLOWING, LEADING or OBSERVING; what it answers to those who still look. */
  | { readonly kind: 'settled'; readonly state: ServerState; readonly vote: Vote }
  /** A notification arrived. Decoded and bounded, otherwise not believed. */
  | {
      readonly kind: 'notification';
      readonly from: number;
      readonly notification: Notification;
      readonly now: number;
    }
  /** All that was to be sent to at least one other server has been taken by the network. */
  | { readonly kind: 'delivered' }
  /** The time an output `wake` named has come, or passed. */
  | { readonly kind: 'tick'; readonly now: number }
  /** The configuration has changed. */
  | { readonly kind: 'config'; readonly config: QuorumVerifier };

/** What an election wants done, in this order. */
export type ElectionOutput =
  /** Tell one other server. Only the newest to each matters: it replaces what is still unsent. */
  | { readonly kind: 'send'; readonly to: number; readonly notification: Notification }
  /** Dial every voter that is not connected. */
  | { readonly kind: 'connectAll' }
  /** Come back with `tick` at this time. Replaces the time named before. */
  | { readonly kind: 'wake'; readonly at: number }
  /** The round is over: `state` is what this server is now. */
  | { readonly kind: 'elected'; readonly vote: Vote; readonly state: ServerState }
  /** Somebody has a newer configuration; where reconfiguration is enabled the host adopts it (input `config`) and looks again. */
  | { readonly kind: 'newerConfig'; readonly text: string; readonly from: number }
  /** For the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string };
