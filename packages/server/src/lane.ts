import type { Identity } from '@corral/protocol';
import type { PendingWrite } from './pending-write.ts';
import type { WatchedRequest } from './watched-request.ts';

/**
 * The order of one connection's replies. A request that is answered while nothing is in front of it never comes
 * here; one that must wait (a write for its commit, anything else for the writes before it) lies here until those
 * before it are answered. The head is always either a write not yet applied, or a long request at work.
 */
export class Lane {
  head: LaneItem | undefined = undefined;
  #tail: LaneItem | undefined = undefined;
  #length = 0;

  /** Requests taken in and not yet answered. */
  get length(): number {
    return this.#length;
  }

  /** The one that came last. */
  get last(): LaneItem | undefined {
    return this.#tail;
  }

  push(item: LaneItem): void {
    if (this.#tail === undefined) this.head = item;
    else this.#tail.nextInLane = item;
    this.#tail = item;
    this.#length++;
  }

  /** The head has been answered. It lets go of the next: an old one must not keep all that came later alive. */
  shift(): void {
    const head = this.head;
    if (head === undefined) return;
    this.head = head.nextInLane;
    if (this.head === undefined) this.#tail = undefined;
    head.nextInLane = undefined;
    this.#length--;
  }
}

export type LaneItem = PendingWrite | WaitingRequest;

/** Anything but a prepared write, waiting for its turn or at work. */
export class WaitingRequest {
  readonly kind = 'waiting';
  /** A copy: the network's buffer is long gone. */
  readonly frame: Uint8Array;
  readonly receivedAt: number;
  /** Who the client was when it asked: authentication that arrives later does not count for it. */
  readonly identities: readonly Identity[];
  /** The bytes it counts for among large requests. */
  readonly largeBytes: number;
  /** Its turn has come, and it takes more than one. */
  isAtWork = false;
  /** Somebody wants to hear of its answer. */
  watched: WatchedRequest | undefined = undefined;
  nextInLane: LaneItem | undefined = undefined;

  constructor(frame: Uint8Array, receivedAt: number, identities: readonly Identity[], largeBytes: number) {
    this.frame = frame;
    this.receivedAt = receivedAt;
    this.identities = identities;
    this.largeBytes = largeBytes;
  }
}
