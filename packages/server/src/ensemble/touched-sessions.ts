import { type Session, SessionTracker } from '@corral/session';
import type { SessionOwner } from '../sessions.ts';

/**
 * The sessions a learner knows. Nothing expires here: the leader decides that from what it is told of those that were
 * heard of (LearnerSessionTracker).
 */
export class TouchedSessions extends SessionTracker<SessionOwner> {
  readonly #touched = new Set<Session<SessionOwner>>();

  override touch(session: Session<SessionOwner>, now: number): boolean {
    if (!super.touch(session, now)) return false;
    this.#touched.add(session);
    return true;
  }

  /** Those heard of since this was last asked. */
  take(): readonly Session<SessionOwner>[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }
}
