import type { Zxid } from '@corral/protocol';
import type { Link } from './leader-step.ts';

/** Somebody who waits for the commit of `zxid` and, where asked for, for the round trip with a quorum. */
export interface SyncRequest {
  readonly token: number;
  /** Absent: a client of the leader itself. */
  readonly link: Link | undefined;
  readonly zxid: Zxid;
  /** 0: none is waited for. */
  readonly round: number;
}

/** Syncs in the order in which they came, which is the order of what they wait for. As many as the host admits requests. */
export class SyncRequests {
  #queue: SyncRequest[] = [];
  #head = 0;

  add(request: SyncRequest): void {
    this.#queue.push(request);
  }

  /** The last round that somebody waits for; 0 where nobody does. */
  get lastRound(): number {
    return this.#queue.at(-1)?.round ?? 0;
  }

  /** The next one that waits no longer. */
  takeDone(committed: Zxid, confirmedRound: number): SyncRequest | undefined {
    const next = this.#queue[this.#head];
    if (next === undefined || next.zxid > committed || next.round > confirmedRound) return undefined;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return next;
  }
}
