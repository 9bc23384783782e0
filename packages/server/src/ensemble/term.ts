import type { Serving } from '../serving.ts';

/** The time this server spends in one role, from its election to the next. */
export interface Term {
  /** Resolves when it is over and nothing of it is under way any more: the replica is fit for an election. */
  readonly over: Promise<TermEnd>;
  /** Whom clients are sent to; undefined before this server is up to date. */
  readonly serving: Serving | undefined;
  /** Ends it in order: what was taken in is answered first, as far as others let it. */
  leave(reason: string): void;
  /** Somebody follows who may vote: nothing is decided without it. */
  readonly isFollowed: boolean;
  /** A voter looks for a leader, this one or another. */
  voterLooks(sid: number): void;
}

export interface TermEnd {
  readonly reason: string;
  /** This server's own state, or its disk, is not to be believed: it must stop. */
  readonly fatal: Error | undefined;
  /** Who is to lead next, where somebody said so. */
  readonly designatedLeader: number | undefined;
}
