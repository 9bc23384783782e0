import {
  apachePassword,
  initialSessionId,
  keyedPassword,
  nextSessionId,
  type Session,
  SessionTracker,
} from '@corral/session';
import type { Metrics, Runtime, Summary, Timer } from '@corral/runtime';

export interface SessionsOptions {
  /** Who is alive. `trackerOf` makes one of all sessions the log knows; a learner's knows those attached to it. */
  readonly tracker: SessionTracker<SessionOwner>;
  /** Those that only this server knows; absent where there are none (`localSessionsEnabled`). */
  readonly local?: SessionTracker<SessionOwner> | undefined;
  /** The top byte of the ids given out. */
  readonly serverId: number;
  /** `undefined`: Apache's formula. */
  readonly passwordKey: Uint8Array | undefined;
  readonly runtime: Runtime;
  /** Sessions that the log knows: their ids are taken. */
  readonly known: ReadonlyMap<bigint, number>;
  readonly metrics: Metrics;
}

/** Where a client is attached: a connection here, or another member. */
export interface SessionOwner {
  /** The session is over, or attached elsewhere. */
  end(): void;
}

/** A connection that has a session. */
interface Attached {
  readonly session: Session<SessionOwner> | undefined;
  /** The session is one of `Sessions.local`. */
  readonly hasLocalSession: boolean;
}

/** Sessions as this server keeps them: their ids and passwords, and which of them live. */
export class Sessions {
  readonly tracker: SessionTracker<SessionOwner>;
  readonly local: SessionTracker<SessionOwner> | undefined;
  readonly #runtime: Runtime;
  readonly #known: ReadonlyMap<bigint, number>;
  readonly #passwordKey: Uint8Array | undefined;
  readonly #pauses: Summary;
  #nextId: bigint;
  #pulse: Timer | undefined = undefined;

  constructor(options: SessionsOptions) {
    const { runtime } = options;
    this.#runtime = runtime;
    this.#known = options.known;
    this.#passwordKey = options.passwordKey;
    this.#pauses = options.metrics.summary('jvm_pause_time_ms');
    this.tracker = options.tracker;
    this.local = options.local;
    this.#nextId = firstIdOf(options.serverId, runtime);
  }

  /** Begins to track a session that nobody has yet. */
  create(timeoutMs: number, tracker: SessionTracker<SessionOwner> = this.tracker): Session<SessionOwner> {
    while (this.#isTaken(this.#nextId)) this.#nextId = nextSessionId(this.#nextId);
    const id = this.#nextId;
    this.#nextId = nextSessionId(id);
    return tracker.add(id, timeoutMs, this.#runtime.clock.monotonic());
  }

  /** The client of a connection has been heard of. False when that comes too late: what it asks for is to be dropped. */
  touch(connection: Attached, now: number): boolean {
    const tracker = connection.hasLocalSession ? this.local! : this.tracker;
    return tracker.touch(connection.session!, now);
  }

  /**
   * The closing of a session has been applied: nobody knows it any more, and no connection has it.
   *
   * @param askedBy is answered first, and ended then
   */
  closed(id: bigint, askedBy: SessionOwner | undefined): void {
    const owner = this.tracker.remove(id)?.owner;
    if (owner !== undefined && owner !== askedBy) owner.end();
  }

  passwordOf(id: bigint): Uint8Array {
    if (this.#passwordKey === undefined) return apachePassword(id);
    return keyedPassword(id, this.#passwordKey, this.#hmac);
  }

  isPasswordOf(id: bigint, password: Uint8Array | null): boolean {
    return id !== 0n && password !== null && this.#runtime.digests.equal(password, this.passwordOf(id));
  }

  /**
   * Begins to let sessions expire.
   *
   * @param excuse is called before, for those whose silence is our own fault
   * @param expire sees to the closing of those that have expired
   */
  start(excuse: (now: number) => void, expire: (expired: readonly Session<SessionOwner>[]) => void): void {
    const { clock } = this.#runtime;
    this.#pulse = clock.every(this.tracker.pulseMs, () => {
      const now = clock.monotonic();
      excuse(now);
      const stalledBefore = this.tracker.stalledMs;
      const expired = this.tracker.tick(now);
      const stalledMs = this.tracker.stalledMs - stalledBefore;
      if (stalledMs > 0) this.#pauses.observe(stalledMs);
      if (expired.length > 0) expire(expired);
    });
  }

  stop(): void {
    this.#pulse?.cancel();
  }

  #isTaken(id: bigint): boolean {
    return this.#known.has(id) || this.tracker.get(id) !== undefined || this.local?.get(id) !== undefined;
  }

  readonly #hmac = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
    this.#runtime.digests.hmac('sha256', key, bytes);
}

/** Tracks all of them; they begin anew now. @param tickMs milliseconds between two moments of expiry */
export function trackerOf(
  known: ReadonlyMap<bigint, number>,
  tickMs: number,
  now: number,
): SessionTracker<SessionOwner> {
  const tracker = new SessionTracker<SessionOwner>({ tickMs, now });
  for (const [id, timeoutMs] of known) tracker.add(id, timeoutMs, now);
  return tracker;
}

/**
 * The clock may have gone back since an id was given out, and nobody knows any more which have been: the client of a
 * session that has ended still has its id and password, and would take over whoever got the same. So the 16 bits below
 * the time, which Apache has begin with 0, begin anywhere.
 */
function firstIdOf(serverId: number, { clock, random }: Runtime): bigint {
  return initialSessionId(serverId, clock.now()) + BigInt(random.below(IDS_OF_A_MILLISECOND));
}

const IDS_OF_A_MILLISECOND = 1 << 16;
