/** Where a learner stands with its leader. */
export type LearnerPhase =
  | 'unconnected'
  | 'discovering'
  | 'acceptingEpoch'
  /** The leader chooses DIFF, TRUNC or SNAP. */
  | 'choosing'
  | 'truncating'
  | 'receivingSnapshot'
  | 'synchronizing'
  | 'takingSnapshot'
  /** Until the log is durable. */
  | 'securing'
  | 'storingEpoch'
  /** NEWLEADER is; UPTODATE is missing. */
  | 'acknowledged'
  | 'broadcast'
  | 'left';

/** In all others an answer of the host is waited for, or nothing any more. */
export function isPhaseOfPackets(phase: LearnerPhase): boolean {
  return PHASES_OF_PACKETS.has(phase);
}

const PHASES_OF_PACKETS: ReadonlySet<LearnerPhase> = new Set<LearnerPhase>([
  'discovering',
  'choosing',
  'synchronizing',
  'acknowledged',
  'broadcast',
]);
