import type { QuorumVerifier, ServerState } from '@corral/protocol';

/** How a member finds its leader. The election port is the real one. */
export interface Elections {
  /**
   * Looks for a leader until one is found. Whom it finds depends on what others say, so it may take for ever; `close`
   * makes it reject.
   */
  look(candidate: Candidate): Promise<Elected>;
  /** The leader found leads in this epoch, and a quorum follows it. */
  established(epoch: number): void;
  /** The configuration has changed; `lastSeen` is one that is proposed and not agreed upon yet. */
  configure(config: QuorumVerifier, lastSeen: QuorumVerifier | undefined): void;
  close(): Promise<void>;
}

export interface Candidate {
  readonly isParticipant: boolean;
  /** The newest transaction in its log; -1 where its disk is empty and nobody said that this is right. */
  readonly lastZxid: number;
  readonly epoch: number;
  readonly designatedLeader: number | undefined;
}

export interface Elected {
  readonly leader: number;
  /** What this server is from now on: anything but LOOKING. */
  readonly state: ServerState;
}
