import { type QuorumVerifier, type Zxid, ZXID_NONE } from '@corral/protocol';

/**
 * Up to where each server's log is durable, as it has said: an acknowledgement of a zxid is one of all before, since logs
 * are written in order. Kept with the furthest first, so that the point that a quorum has reached is found without
 * sorting or allocating.
 */
export class Acks {
  readonly #sids: number[] = [];
  readonly #zxids: Zxid[] = [];
  readonly #quorum = new Set<number>();

  /** Counts a server from now on; whoever was counted under that id before is not. */
  set(sid: number, zxid: Zxid): void {
    this.remove(sid);
    this.#sids.push(sid);
    this.#zxids.push(zxid);
    this.#moveUp(this.#sids.length - 1);
  }

  /** Ignored where `sid` is not counted, or was further already. */
  raise(sid: number, zxid: Zxid): void {
    const at = this.#sids.indexOf(sid);
    if (at < 0 || zxid <= this.#zxids[at]!) return;
    this.#zxids[at] = zxid;
    this.#moveUp(at);
  }

  /** What it has acknowledged does not count any longer: it may be told to cut it off when it comes back. */
  remove(sid: number): void {
    const at = this.#sids.indexOf(sid);
    if (at < 0) return;
    this.#sids.splice(at, 1);
    this.#zxids.splice(at, 1);
  }

  of(sid: number): Zxid {
    return this.#zxids[this.#sids.indexOf(sid)] ?? ZXID_NONE;
  }

  /** Those who have `zxid`. */
  atLeast(zxid: Zxid): number[] {
    return this.#sids.filter((_, at) => this.#zxids[at]! >= zxid);
  }

  /** The last zxid that a quorum has; 0 where those counted are none. */
  reachedBy(config: QuorumVerifier): Zxid {
    const quorum = this.#quorum;
    quorum.clear();
    for (let i = 0; i < this.#sids.length; i++) {
      quorum.add(this.#sids[i]!);
      if (config.containsQuorum(quorum)) return this.#zxids[i]!;
    }
    return ZXID_NONE;
  }

  #moveUp(from: number): void {
    const sid = this.#sids[from]!;
    const zxid = this.#zxids[from]!;
    let at = from;
    for (; at > 0 && this.#zxids[at - 1]! < zxid; at--) {
      this.#sids[at] = this.#sids[at - 1]!;
      this.#zxids[at] = this.#zxids[at - 1]!;
    }
    this.#sids[at] = sid;
    this.#zxids[at] = zxid;
  }
}
