import { type Session, SessionTracker } from '@corral/session';
import type { SessionOwner } from '../sessions.ts';

/**
 * The sessions a learner knows. Nothing expires here: the leader decides that from what it is told of those that were
 * heard of (LearnerSessionTracker).
 */
export class TouchedSessions extends SessionTracker<SessionOwner> {
  readonly #touched = new Set<Session<SessionOwner>>();
  readonly #elsewhere = new Map<bigint, number>();

  override touch(session: Session<SessionOwner>, now: number): boolean {
    if (!super.touch(session, now)) return false;
    this.#touched.add(session);
    return true;
  }

  /** A session that is attached to an observer of this server. */
  touchElsewhere(id: bigint, timeoutMs: number): void {
    this.#elsewhere.set(id, timeoutMs);
  }

  /** Those heard of since this was last asked. */
  take(): readonly TouchedSession[] {
    const touched: TouchedSession[] = [...this.#touched];
    for (const [id, timeoutMs] of this.#elsewhere) touched.push({ id, timeoutMs });
    this.#touched.clear();
    this.#elsewhere.clear();
    return touched;
  }
}

export interface TouchedSession {
  readonly id: bigint;
  readonly timeoutMs: number;
}
