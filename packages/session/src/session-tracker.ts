import { Session } from './session.ts';

export interface SessionTrackerOptions {
  /** Milliseconds between two moments of expiry (`tickTime`). */
  readonly tickMs: number;
  /** Monotonic milliseconds at the start. */
  readonly now: number;
}

/**
 * Who is alive. Sessions expire in batches, at multiples of the tick: one that was last touched at `t` at
 * `(floor((t + timeout) / tick) + 1) * tick`, which is more than its timeout later and at most its timeout and one
 * tick (ExpiryQueue, SessionTrackerImpl).
 *
 * **A stall of the server does not count.** While the process stands still (a collection, a stopped machine, a long
 * turn) the pings of healthy clients wait unread; on waking, the timers run before those pings are read, and by the
 * plain clock every session would expire at once. So the tracker has a time of its own, which goes on by at most half
 * a tick between two calls of `tick`, however long the gap was: the deadlines of all sessions shift by the rest. For
 * that the host calls `tick` every `pulseMs`. The bound:
 * - one stall of any length costs a session at most half a tick of its timeout, a quarter of the shortest timeout
 *   that Apache's defaults allow (two ticks); a client that pings every third of its timeout keeps the rest for coming back;
 * - a dead session is expired once the server has *run* for its timeout and one tick, be it with pauses in between.
 *
 * A host that holds back a connection itself, and so does not read its pings, touches its session meanwhile.
 *
 * All times are monotonic milliseconds, so that a jump of the wall clock changes nothing (ZOOKEEPER-2774).
 */
export class SessionTracker<O> {
  readonly tickMs: number;
  /** How often the host calls `tick`, at least. */
  readonly pulseMs: number;
  readonly #sessions = new Map<bigint, Session<O>>();
  /**
   * Filed by `bucketTime`, which lags behind `expiryTime`: a touch only moves the deadline, and a session found in a
   * due bucket with a later deadline is filed anew. So a touch costs no more than a division, and a session is
   * refiled about once per timeout, however busy it is.
   */
  readonly #buckets = new Map<number, Bucket<O>>();
  /** What may count between two calls of `tick`. */
  readonly #gapMaxMs: number;
  /** The bucket that falls due next; all earlier ones are gone. */
  #nextBucketTime: number;
  /** The tracker's time at the last `tick`. */
  #time: number;
  /** How far the tracker's time is behind the host's. */
  #stalledMs = 0;

  constructor(options: SessionTrackerOptions) {
    if (!(options.tickMs >= 1)) throw new RangeError(`tick of ${options.tickMs} ms`);
    this.tickMs = options.tickMs;
    this.#gapMaxMs = Math.max(options.tickMs / 2, GAP_MAX_MIN_MS);
    this.pulseMs = Math.max(1, Math.floor(options.tickMs / 10));
    this.#time = options.now;
    this.#nextBucketTime = this.#roundUp(options.now);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Milliseconds of stall left out of account so far. */
  get stalledMs(): number {
    return this.#stalledMs;
  }

  get(id: bigint): Session<O> | undefined {
    return this.#sessions.get(id);
  }

  /** In the order they were added. */
  sessions(): IterableIterator<Session<O>> {
    return this.#sessions.values();
  }

  /** Starts to track a session; one that is tracked already is touched instead, as it is. */
  add(id: bigint, timeoutMs: number, now: number): Session<O> {
    let session = this.#sessions.get(id);
    if (session === undefined) {
      session = new Session<O>(id, timeoutMs);
      this.#sessions.set(id, session);
    }
    this.touch(session, now);
    return session;
  }

  /**
   * The client has been heard of. False when that comes too late: the session has expired, is closing or is gone,
   * and the request is to be dropped.
   */
  touch(session: Session<O>, now: number): boolean {
    if (session.isClosing) return false;
    session.expiryTime = this.#roundUp(this.#timeAt(now) + session.timeoutMs);
    if (session.bucketTime === 0) this.#file(session);
    else if (session.expiryTime < session.bucketTime) {
      // The timeout was renegotiated to a shorter one.
      this.#unfile(session);
      this.#file(session);
    }
    return true;
  }

  /** No request of this session is to be accepted any more: its closing is on its way. It stays until `remove`. */
  setClosing(session: Session<O>): void {
    session.isClosing = true;
    this.#unfile(session);
  }

  /** The closing has been applied: the session is forgotten. */
  remove(id: bigint): Session<O> | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.setClosing(session);
    this.#sessions.delete(id);
    return session;
  }

  /**
   * Lets the time go on to `now` and answers with the sessions that expired by it, each set to closing. The caller
   * begins to close each; they stay tracked until `remove`.
   */
  tick(now: number): readonly Session<O>[] {
    this.#time = this.#timeAt(now);
    this.#stalledMs = now - this.#time;
    let expired: Session<O>[] | undefined;
    while (this.#nextBucketTime <= this.#time) {
      const due = this.#buckets.get(this.#nextBucketTime);
      this.#buckets.delete(this.#nextBucketTime);
      this.#nextBucketTime += this.tickMs;
      if (due === undefined) continue;
      for (let session = due.first; session !== undefined; session = due.first) {
        due.remove(session);
        session.bucketTime = 0;
        if (session.expiryTime < this.#nextBucketTime) {
          session.isClosing = true;
          (expired ??= []).push(session);
        } else {
          this.#file(session);
        }
      }
    }
    return expired ?? NONE;
  }

  /**
   * The open sessions by the time they expire at, ascending, in the host's time provided that no further stall shifts
   * it. For `dump`.
   */
  expirySets(): Map<number, Session<O>[]> {
    const sets = new Map<number, Session<O>[]>();
    for (const session of this.#sessions.values()) {
      if (session.isClosing) continue;
      const at = session.expiryTime + this.#stalledMs;
      const set = sets.get(at);
      if (set === undefined) sets.set(at, [session]);
      else set.push(session);
    }
    return new Map([...sets].toSorted(([a], [b]) => a - b));
  }

  /** A stall that no `tick` has seen yet must not lengthen the deadline of what is touched after it. */
  #timeAt(now: number): number {
    return Math.min(now - this.#stalledMs, this.#time + this.#gapMaxMs);
  }

  #roundUp(time: number): number {
    return (Math.floor(time / this.tickMs) + 1) * this.tickMs;
  }

  #file(session: Session<O>): void {
    // The host's idea of now may be a little old; nothing is ever filed in a bucket that is gone.
    const time = Math.max(session.expiryTime, this.#nextBucketTime);
    let bucket = this.#buckets.get(time);
    if (bucket === undefined) this.#buckets.set(time, (bucket = new Bucket()));
    bucket.add(session);
    session.bucketTime = time;
  }

  #unfile(session: Session<O>): void {
    if (session.bucketTime === 0) return;
    this.#buckets.get(session.bucketTime)?.remove(session);
    session.bucketTime = 0;
  }
}

/**
 * A list through the sessions themselves, and each that leaves lets go of its neighbours: what thousands a second
 * join and leave must hold on to nobody.
 */
class Bucket<O> {
  first: Session<O> | undefined = undefined;
  #last: Session<O> | undefined = undefined;

  add(session: Session<O>): void {
    session.before = this.#last;
    if (this.#last === undefined) this.first = session;
    else this.#last.after = session;
    this.#last = session;
  }

  remove(session: Session<O>): void {
    const { before, after } = session;
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    session.before = session.after = undefined;
  }
}

/** A turn as long as this is no stall, however short a tick is. */
const GAP_MAX_MIN_MS = 10;

const NONE: readonly never[] = [];
