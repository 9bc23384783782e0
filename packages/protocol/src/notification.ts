/** What a server of an ensemble is doing (QuorumPeer.ServerState). */
export const ServerState = { LOOKING: 0, FOLLOWING: 1, LEADING: 2, OBSERVING: 3 } as const;
export type ServerState = (typeof ServerState)[keyof typeof ServerState];

/** What servers tell each other while a leader is sought (FastLeaderElection.Notification). */
export interface Notification {
  readonly state: ServerState;
  readonly leader: number;
  readonly zxid: number;
  readonly electionEpoch: number;
  readonly peerEpoch: number;
  /** 2 now; 1 before 3.5; 0 where the sender does not say. */
  readonly version: number;
  /** The sender's configuration text, where it says (version 2). */
  readonly config: string | undefined;
}
