import type { Notification } from '@corral/protocol';

/**
 * What those without a vote have been told. Each notification of theirs deserves an answer, but two servers that take each
 * other for strangers (their configurations differ) would answer each other's answers for ever, as fast as the network
 * goes. So the same answer is given to one server at most once in a while.
 */
export class Strangers {
  readonly #pauseMs: number;
  readonly #told = new Map<number, { readonly answer: Notification; readonly at: number }>();

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Whether this answer is due; counts as given where it is. */
  isDue(sid: number, answer: Notification, now: number): boolean {
    const last = this.#told.get(sid);
    if (last !== undefined && now - last.at < this.#pauseMs && saysTheSame(last.answer, answer)) return false;
    this.#told.delete(sid);
    if (this.#told.size >= STRANGERS_MAX) this.#forgetOldest();
    this.#told.set(sid, { answer, at: now });
    return true;
  }

  #forgetOldest(): void {
    for (const sid of this.#told.keys()) {
      this.#told.delete(sid);
      return;
    }
  }
}

function saysTheSame(a: Notification, b: Notification): boolean {
  return (
    a.state === b.state &&
    a.leader === b.leader &&
    a.zxid === b.zxid &&
    a.electionEpoch === b.electionEpoch &&
    a.peerEpoch === b.peerEpoch
  );
}

/** How many are remembered. One that is forgotten may be answered again too soon. */
const STRANGERS_MAX = 1000;
