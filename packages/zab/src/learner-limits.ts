import type { LearnerProgress } from './learner-progress.ts';
import { hex } from './proposal.ts';

/** In ticks. */
export interface LearnerLimits {
  readonly initLimit: number;
  readonly syncLimit: number;
}

/** Why a learner's link must be given up at this beat; undefined where it need not. */
export function overdue(learner: LearnerProgress, beat: number, limits: LearnerLimits): string | undefined {
  const { initLimit, syncLimit } = limits;
  const silentBeats = beat - learner.heardAt;
  if (learner.phase === 'synced') {
    if (silentBeats > 2 * syncLimit) return `nothing came for ${syncLimit} ticks`;
    if (learner.awaited !== 0 && beat - learner.awaitedSince > 2 * syncLimit)
      return `no ACK of ${hex(learner.awaited)} within ${syncLimit} ticks`;
  } else if (isItsTurn(learner) && silentBeats > 2 * initLimit)
    return `nothing came for ${initLimit} ticks while ${learner.phase}`;
  return undefined;
}

/** Whether it counts towards the quorum that a leader must hold. One that synchronises does for as long as that may take. */
export function isAlive(
  learner: LearnerProgress,
  beat: number,
  { initLimit, syncLimit }: LearnerLimits,
): boolean {
  if (learner.isObserver) return false;
  const since = learner.phase === 'synced' ? learner.heardAt : learner.joinedAt + 2 * initLimit;
  return beat - since <= 2 * syncLimit;
}

/** In the other phases it waits for the leader, whose own limits count. */
function isItsTurn({ phase }: LearnerProgress): boolean {
  return phase === 'invited' || phase === 'syncing';
}
