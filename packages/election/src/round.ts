/**
 * Rounds of election, Apache's logical clock: counted up at each look, and set to the highest that a voter names. They are
 * believed from 0 to the last number that is exact; one that is beyond is no round, and the notification does not count.
 * At its end the clock stays where it is: votes of one election can no longer be told from those of the one before, which
 * may cost an attempt, never an agreement. A restart, or a settled ensemble that is joined, brings it down again.
 */
export function isRound(round: number): boolean {
  return Number.isSafeInteger(round) && round >= 0;
}

export function nextRound(round: number): number {
  return Math.min(round + 1, Number.MAX_SAFE_INTEGER);
}
