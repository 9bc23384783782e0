import type { Zxid } from '@corral/protocol';
import type { LeaderInput, LeaderOutput } from './leader-step.ts';

/** What happens to a follower that observers come to. */
export type ObserverMasterInput =
  /** As with a leader. REQUEST and REVALIDATE, and what a PING says of sessions, are for the host to pass on. */
  | Extract<LeaderInput, { readonly kind: 'packet' | 'progress' | 'disconnected' | 'tick' | 'logLocated' }>
  /** Everything up to `zxid` is committed, applied, and in the committed log. */
  | {
      readonly kind: 'committed';
      readonly zxid: Zxid;
      /** Who leads from now on, where `zxid` is a reconfiguration that has come into force. */
      readonly designatedLeader?: number;
    }
  /** The zxid of the configuration in force, and the text of the newest one seen. */
  | { readonly kind: 'config'; readonly version: number; readonly newest: string };

/** As from a leader. A `sendSnapshot` is of the tree as it is then. */
export type ObserverMasterOutput = Extract<
  LeaderOutput,
  { readonly kind: 'send' | 'sendLog' | 'sendSnapshot' | 'locateLog' | 'synced' | 'close' | 'note' }
>;
